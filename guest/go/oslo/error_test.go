package oslo

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestOutcomes(t *testing.T) {
	timeout := &TimeoutError{Outcome: Unknown}
	never := &NoSuchTargetError{}
	for _, test := range []struct {
		err  error
		want Outcome
	}{
		{nil, NoOutcome},
		{errors.New("something else"), NoOutcome},
		{context.Canceled, NoOutcome},
		{&TimeoutError{Outcome: NotExecuted}, NotExecuted},
		{timeout, Unknown},
		{&DeliveryError{Outcome: Unknown}, Unknown},
		{never, NotExecuted},
		{&RemoteError{}, Executed},
		{&InvalidReplyError{}, Executed},
		{&OtherError{Outcome: Unknown}, Unknown},
		{&CanceledError{Outcome: Unknown, Err: context.Canceled}, Unknown},
		{fmt.Errorf("wrapped: %w", &UnexpectedReplyError{}), Executed},
		{fmt.Errorf("%w: %w", errors.New("mine"), never), NotExecuted},
		{errors.Join(never, never), NotExecuted},
		// One of them may have been executed.
		{errors.Join(never, timeout), Unknown},
		{errors.Join(never, &RemoteError{}), Unknown},
		{errors.Join(errors.New("mine"), errors.New("yours")), NoOutcome},
		// What is inside does not count: the reply came.
		{&UnexpectedReplyError{Err: &InvalidArgumentError{}}, Executed},
	} {
		if got := OutcomeOf(test.err); got != test.want {
			t.Errorf("%T: %v: got %v, want %v", test.err, test.err, got, test.want)
		}
	}
}

func TestATimeoutIsADeadlineExceeded(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", &TimeoutError{Message: "m"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRemoteErrors(t *testing.T) {
	err := error(&RemoteError{TypeName: "ValueError", TypeModule: "builtins", Message: "boom"})
	if err.Error() != "ValueError: boom" {
		t.Error(err)
	}
	if other := (&RemoteError{TypeName: "Boom", TypeModule: "nova"}).Error(); other != "nova.Boom" {
		t.Error(other)
	}
	for name, want := range map[string]bool{"ValueError": true, "KeyError": false} {
		if errors.Is(err, &RemoteError{TypeName: name}) != want {
			t.Error(name)
		}
	}
	if errors.Is(err, &RemoteError{TypeName: "ValueError", TypeModule: "nova"}) {
		t.Error("the module does not count")
	}
}

func TestContextsGiveBackWhatTheyWereGiven(t *testing.T) {
	if _, ok := FromContext(context.Background()); ok {
		t.Error("there is none")
	}
	request, ok := FromContext(NewContext(context.Background(), "me"))
	if !ok || request != "me" {
		t.Error(request, ok)
	}
}

func TestNamesAreThoseOfTheWIT(t *testing.T) {
	if Unknown.String() != "unknown" || NotExecuted.String() != "not-executed" ||
		WaitingForOther.String() != "other" || WaitingForAdmission.String() != "admission" {
		t.Error("they are not")
	}
}
