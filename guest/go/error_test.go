package oslo

import (
	"context"
	"errors"
	"fmt"
	"testing"

	wit "oslo.messaging/bindings/oslo_messaging_types"
)

func TestFates(t *testing.T) {
	for _, test := range []struct {
		err          error
		was, mayHave bool
	}{
		{nil, false, false},
		{errors.New("something else"), false, false},
		{&TimeoutError{Delivery: NotSent}, false, false},
		{&TimeoutError{Delivery: MaybeDelivered}, false, true},
		{&DeliveryError{Delivery: MaybeDelivered}, false, true},
		{&NoSuchTargetError{}, false, false},
		{&RemoteError{}, true, false},
		{&InvalidReplyError{}, true, false},
		{fmt.Errorf("wrapped: %w", &UnexpectedReplyError{}), true, false},
	} {
		if WasExecuted(test.err) != test.was || MayHaveBeenExecuted(test.err) != test.mayHave {
			t.Errorf("%T: %v, %v", test.err, WasExecuted(test.err), MayHaveBeenExecuted(test.err))
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
	err := error(&RemoteError{Class: "ValueError", Module: "builtins", Message: "boom"})
	if err.Error() != "ValueError: boom" {
		t.Error(err)
	}
	if other := (&RemoteError{Class: "Boom", Module: "nova"}).Error(); other != "nova.Boom" {
		t.Error(other)
	}
	for class, want := range map[string]bool{"ValueError": true, "KeyError": false} {
		if errors.Is(err, &RemoteError{Class: class}) != want {
			t.Error(class)
		}
	}
	if errors.Is(err, &RemoteError{Class: "ValueError", Module: "nova"}) {
		t.Error("the module does not count")
	}
}

func TestErrorsOfTheHost(t *testing.T) {
	raw := wit.MakeErrorTimeout(wit.TimeoutError{
		WaitingFor: wit.WaitingForHeartbeat,
		Delivery:   wit.DeliveryMaybeDelivered,
		Limit:      1 << 63,
		Message:    "m",
	})
	timeout, ok := liftError(raw).(*TimeoutError)
	if !ok || timeout.WaitingFor.String() != "heartbeat" ||
		timeout.Delivery.String() != "maybe-delivered" || timeout.Limit != 1<<63-1 {
		t.Errorf("%#v", timeout)
	}
	remote, ok := liftError(wit.MakeErrorRemote(wit.RemoteError{Class: "C", Args: "[1]"})).(*RemoteError)
	if !ok || remote.Class != "C" || string(remote.Args) != "[1]" {
		t.Errorf("%#v", remote)
	}
	if other, ok := liftError(wit.MakeErrorOther("o")).(*OtherError); !ok || other.Message != "o" {
		t.Errorf("%#v", other)
	}
}
