package osloserve

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Exception is one for the caller of a method, who gets it as one of a Python server. As a variable it is
// an error like others, to be wrapped with what is known where it happens; the caller gets that as its
// message.
type Exception struct {
	// TypeName is the name of the class, such as ValueError; empty: RuntimeError.
	TypeName string
	// TypeModule is the module that the class is defined in; empty: builtins, which has Python's own.
	TypeModule string
	// Message is what it prints as.
	Message string
	// Args are its arguments, of which a Python caller makes the exception again; nil: the message alone.
	Args []any
	// Kwargs are its keyword arguments.
	Kwargs map[string]any
	// Expected says that a method raises it as a matter of course, as expected_exceptions does in Python:
	// it is no error in the host's log.
	Expected bool
	// Err is why, if that is another error.
	Err error
}

func (e *Exception) Error() string {
	if e.Message == "" {
		return e.TypeName
	}
	return e.Message
}

// Unwrap returns why.
func (e *Exception) Unwrap() error { return e.Err }

// Expect marks errors as expected: it wraps an error so that the exception which it becomes is no error in
// the host's log. Nil stays nil.
func Expect(err error) error {
	if err == nil {
		return nil
	}
	return &expected{err}
}

type expected struct{ err error }

func (e *expected) Error() string { return e.err.Error() }
func (e *expected) Unwrap() error { return e.err }

func exception(name, format string, values ...any) error {
	err := fmt.Errorf(format, values...)
	return &Exception{TypeName: name, Message: err.Error(), Err: errors.Unwrap(err)}
}

// lower is an error as the host takes it.
func lower(err error) *host.Exception {
	_, isExpected := errors.AsType[*expected](err)
	// An exception that was only marked is still the one that its method made.
	for marked, ok := err.(*expected); ok; marked, ok = err.(*expected) {
		err = marked.err
	}
	raised := &host.Exception{Message: utf8Of(err.Error()), Kwargs: "{}", Expected: isExpected}
	raised.Args = textOfJSON([]string{raised.Message})
	if e, ok := errors.AsType[*Exception](err); ok {
		raised.TypeModule, raised.TypeName = or(e.TypeModule, builtins), or(e.TypeName, "RuntimeError")
		if e.Message == "" && err == error(e) {
			raised.Message, raised.Args = "", "[]"
		}
		raised.Expected = raised.Expected || e.Expected
		if e.Args != nil {
			carry(raised, "arguments", e.Args, &raised.Args)
		}
		if e.Kwargs != nil {
			carry(raised, "keyword arguments", e.Kwargs, &raised.Kwargs)
		}
		return raised
	}
	if e, ok := errors.AsType[*oslo.RemoteError](err); ok {
		// It goes on to the caller as it came.
		raised.TypeModule, raised.TypeName = utf8Of(e.TypeModule), utf8Of(e.TypeName)
		raised.Message = utf8Of(e.Message)
		raised.Args, raised.Kwargs = or(string(e.Args), "[]"), or(string(e.Kwargs), "{}")
		return raised
	}
	raised.TypeModule, raised.TypeName = class(err)
	return raised
}

// class is what a Python server's client would have raised.
func class(err error) (module, name string) {
	const exceptions = "oslo_messaging.exceptions"
	if _, ok := errors.AsType[*oslo.TimeoutError](err); ok {
		return exceptions, "MessagingTimeout"
	}
	if _, ok := errors.AsType[*oslo.InvalidTargetError](err); ok {
		return exceptions, "InvalidTarget"
	}
	if _, ok := errors.AsType[*oslo.NoSuchTargetError](err); ok {
		return exceptions, "MessageUndeliverable"
	}
	if _, ok := errors.AsType[*oslo.DeliveryError](err); ok {
		return exceptions, "MessageDeliveryFailure"
	}
	if _, ok := errors.AsType[*oslo.VersionCapError](err); ok {
		return "oslo_messaging.rpc.client", "RPCVersionCapError"
	}
	return builtins, "RuntimeError"
}

const builtins = "builtins"

// carry puts the JSON of a value somewhere. What has none must not hide the exception: it stays what it
// is, and the traceback says so.
func carry(raised *host.Exception, what string, value any, into *string) {
	encoded, err := marshal(value)
	if err != nil {
		why := fmt.Sprintf("the exception came without its %s: %v\n", what, err)
		raised.Traceback = append(raised.Traceback, utf8Of(why))
		return
	}
	*into = encoded
}

// marshal is the JSON of a value, which the host can take.
func marshal(value any) (string, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	// What a plugin made of it itself is not looked at by encoding/json.
	if !utf8.Valid(encoded) {
		return "", fmt.Errorf("its JSON is not UTF-8: %q", encoded)
	}
	return string(encoded), nil
}

func textOfJSON(value any) string {
	// Texts become JSON, always.
	encoded, _ := json.Marshal(value)
	return string(encoded)
}

// utf8Of is a text as the host can take it.
func utf8Of(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return utf8Of(text)
}
