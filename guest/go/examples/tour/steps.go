package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

type tour struct {
	client *oslo.Client
	report *report
	ctx    context.Context
}

// object is a JSON object.
type object map[string]any

var servers = []string{"one", "two", "three"}

// messages: call, context, cast.
func (t tour) messages() {
	ctx := oslo.NewContext(t.ctx, object{"user": "tourist"})
	var echo string
	err := t.client.Call(ctx, "echo", object{"value": "hello"}, &echo)
	t.report.step("call", `echo(value="hello")`, fmt.Sprintf("%q", echo), err)

	var sum int
	err = t.client.Call(ctx, "add", object{"a": 2, "b": 3}, &sum)
	t.report.step("call", "add(a=2, b=3)", sum, err)

	err = t.client.Cast(ctx, "remember", object{"word": unique("cast")})
	t.report.step("cast", "remember(word=...)",
		"the broker has it; one server will run it, nobody reports back", err)
}

// addressing: to one server, to every server, to a namespace.
func (t tour) addressing() {
	var name string
	err := t.client.Call(t.ctx, "whoami", nil, &name, oslo.WithServer("two"))
	if err == nil && name != "two" {
		err = fmt.Errorf("%s answered", name)
	}
	t.report.step("one server", "whoami() sent to server `two`", name, err)

	word := unique("fanout")
	err = t.client.Cast(t.ctx, "remember", object{"word": word}, oslo.WithFanout(true))
	if err == nil {
		err = t.heardByAll(word)
	}
	t.report.step("fan-out cast", "remember(word=...) sent to every server",
		strings.Join(servers, ", ")+" remember it", err)

	var status json.RawMessage
	err = t.client.Call(t.ctx, "status", nil, &status,
		oslo.WithNamespace("admin"), oslo.WithVersion("2.0"))
	t.report.step("namespace", "status() of namespace `admin`, version 2.0", string(status), err)
}

// errors: what goes wrong, and how it is told apart.
func (t tour) errors() {
	what, tried := "remote error", "divide(a=1, b=0)"
	err := t.client.Call(t.ctx, "divide", object{"a": 1, "b": 0}, nil)
	if errors.Is(err, &oslo.RemoteError{TypeModule: "builtins", TypeName: "ZeroDivisionError"}) {
		t.report.done(what, tried, fmt.Sprintf("the server raised %v", err))
	} else {
		t.report.surprise(what, tried, err)
	}

	what, tried = "unknown method", "no_such_method()"
	err = t.client.Call(t.ctx, "no_such_method", nil, nil)
	if errors.Is(err, &oslo.RemoteError{TypeName: "NoSuchMethod"}) {
		t.report.done(what, tried, fmt.Sprintf("the server raised %v", err))
	} else {
		t.report.surprise(what, tried, err)
	}

	what, tried = "version cap", "echo() of version 2.0 under the cap 1.5"
	err = t.client.Call(t.ctx, "echo", object{"value": 1}, nil,
		oslo.WithVersionCap("1.5"), oslo.WithVersion("2.0"))
	if _, ok := errors.AsType[*oslo.VersionCapError](err); ok {
		t.report.done(what, tried, refused(err))
	} else {
		t.report.surprise(what, tried, err)
	}

	what, tried = "timeout", "sleep(seconds=1.5) with a timeout of 300 ms"
	start := time.Now()
	err = t.client.Call(t.ctx, "sleep", object{"seconds": 1.5}, nil,
		oslo.WithTimeout(300*time.Millisecond))
	if errors.Is(err, context.DeadlineExceeded) {
		t.report.done(what, tried,
			fmt.Sprintf("gave up after %d ms; %s", time.Since(start).Milliseconds(), fate(err)))
	} else {
		t.report.surprise(what, tried, err)
	}

	what, tried = "no such target", "whoami() sent to server `nobody`"
	err = t.client.Call(t.ctx, "whoami", nil, nil, oslo.WithServer("nobody"))
	if _, ok := errors.AsType[*oslo.NoSuchTargetError](err); ok {
		t.report.done(what, tried, refused(err))
	} else {
		t.report.surprise(what, tried, err)
	}

	what, tried = "wrong type", `echo(value="hello") wanted as a number`
	var number uint8
	err = t.client.Call(t.ctx, "echo", object{"value": "hello"}, &number)
	if _, ok := errors.AsType[*oslo.UnexpectedReplyError](err); ok {
		t.report.done(what, tried, err)
	} else {
		t.report.surprise(what, tried, err)
	}
}

// atOnce: several calls at the same time.
func (t tour) atOnce() {
	requests := make([]oslo.Request, 10)
	for i := range requests {
		requests[i] = oslo.Request{Method: "sleep", Args: object{"seconds": 0.2}}
	}
	start := time.Now()
	err := errors.Join(t.client.CallAll(t.ctx, requests...)...)
	t.report.step("calls at once", "10 times sleep(seconds=0.2)",
		fmt.Sprintf("%d results after %d ms", len(requests), time.Since(start).Milliseconds()), err)
}

// heardByAll asks each server until it knows the word, because casts are not answered.
func (t tour) heardByAll(word string) error {
	for _, server := range servers {
		client, err := t.client.Prepare(oslo.WithServer(server))
		if err != nil {
			return err
		}
		defer client.Close()
		for tries := 0; ; tries++ {
			var words []string
			if err := client.Call(t.ctx, "recall", nil, &words); err != nil {
				return err
			}
			if slices.Contains(words, word) {
				break
			}
			if tries == 40 {
				return fmt.Errorf("server `%s` never got it", server)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return nil
}

func refused(err error) string { return fmt.Sprintf("%v; %s", err, fate(err)) }

func fate(err error) string {
	switch oslo.OutcomeOf(err) {
	case oslo.Executed:
		return "it was executed"
	case oslo.NotExecuted:
		return "nothing was executed"
	default:
		return "it may have been executed"
	}
}

// unique is a word that no earlier tour of the same servers has used.
func unique(prefix string) string { return fmt.Sprintf("%s-%x", prefix, time.Now().UnixNano()) }
