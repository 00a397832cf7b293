package oslo

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
)

func TestWhatIsSent(t *testing.T) {
	type arguments struct {
		Size int `json:"size"`
	}
	for _, test := range []struct {
		request, args any
		want          message
	}{
		{nil, nil, message{"{}", "m", "{}"}},
		{map[string]any{}, (*arguments)(nil), message{"{}", "m", "{}"}},
		{map[string]any{"user": "u"}, arguments{7}, message{`{"user":"u"}`, "m", `{"size":7}`}},
		// Raw JSON is the host's to judge.
		{json.RawMessage("nonsense"), json.RawMessage(`{"a": `), message{"nonsense", "m", `{"a": `}},
	} {
		sent, err := encode(NewContext(context.Background(), test.request), "m", test.args)
		if err != nil || sent != test.want {
			t.Errorf("%v, %v: got %v, %v, want %v", test.request, test.args, sent, err, test.want)
		}
	}
}

func TestWhatCannotBeSentIsNamed(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		ctx      context.Context
		method   string
		args     any
		argument string
	}{
		{ctx, "\xff", nil, "method"},
		{ctx, "m", func() {}, "args"},
		{ctx, "m", json.RawMessage("\"\xff\""), "args"},
		{NewContext(ctx, make(chan int)), "m", nil, "context"},
	} {
		_, err := encode(test.ctx, test.method, test.args)
		invalid, ok := errors.AsType[*InvalidArgumentError](err)
		if !ok || invalid.Argument != test.argument {
			t.Errorf("%q, %v: %v does not name %s", test.method, test.args, err, test.argument)
		}
	}
}

func TestCausesAreKept(t *testing.T) {
	_, err := encode(context.Background(), "m", func() {})
	if _, ok := errors.AsType[*json.UnsupportedTypeError](err); !ok {
		t.Errorf("%v hides its cause", err)
	}
}

func TestReplies(t *testing.T) {
	var number int
	if err := decode("7", &number); err != nil || number != 7 {
		t.Errorf("got %d, %v", number, err)
	}
	var raw json.RawMessage
	digits := "123456789012345678901234567890.10"
	if err := decode(digits, &raw); err != nil || string(raw) != digits {
		t.Errorf("got %s, %v", raw, err)
	}
	if err := decode("{}", nil); err != nil {
		t.Error(err)
	}
	err := decode(`"seven"`, &number)
	unexpected, ok := errors.AsType[*UnexpectedReplyError](err)
	if !ok || unexpected.Wanted != "int" || string(unexpected.Reply) != `"seven"` {
		t.Errorf("got %#v", err)
	}
	// The method was executed, whatever is wrong with the place for its result.
	if err := decode("7", 8); OutcomeOf(err) != Executed {
		t.Error(err)
	}
	err = decode(`"seven"`, &number)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
		t.Errorf("%v hides its cause", err)
	}
}

func TestRepliesNeedAPlace(t *testing.T) {
	for _, good := range []any{nil, new(int), new(any), &json.RawMessage{}} {
		if err := checkReply(good); err != nil {
			t.Errorf("%T: %v", good, err)
		}
	}
	for _, bad := range []any{7, "", (*int)(nil), map[string]any{}} {
		if err := checkReply(bad); err == nil {
			t.Errorf("%T is a good place", bad)
		}
	}
}
