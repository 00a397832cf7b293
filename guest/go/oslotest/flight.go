package oslotest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// flight is a message that is on its way.
type flight struct {
	cancel context.CancelFunc
	once   sync.Once
	ended  chan struct{}
	// What came of it, once it has ended.
	text string
	err  *host.Error
}

func start(transport *Transport, message *Message, terms terms) *flight {
	ctx, cancel := context.WithCancel(context.Background())
	f := &flight{cancel: cancel, ended: make(chan struct{})}
	if refused := refuse(message, terms); refused != nil {
		f.end("", refused)
		return f
	}
	if message.Timeout <= 0 {
		f.end("", timedOut(message, host.NotExecuted))
		return f
	}
	transport.mutex.Lock()
	handler := transport.methods[message.Method]
	served := transport.serves(message.Target)
	transport.sent = append(transport.sent, *message)
	transport.mutex.Unlock()
	timer := time.AfterFunc(message.Timeout, func() {
		f.end("", timedOut(message, host.Unknown))
		cancel()
	})
	go func() {
		defer timer.Stop()
		text, err := "", (*host.Error)(nil)
		if handler == nil && served != nil {
			text, err = served.handle(message, terms.monitor)
		} else {
			text, err = run(ctx, handler, message)
		}
		if uint64(len(text)) > terms.replyBytes {
			text, err = "", &host.Error{
				Case: host.CaseInvalidReply, Message: "the reply is larger than there is room for",
			}
		}
		if message.IsCast && (err == nil || err.Case == host.CaseRemote ||
			err.Case == host.CaseInvalidReply) {
			text, err = "null", nil
		}
		f.end(text, err)
	}()
	return f
}

func (f *flight) end(text string, err *host.Error) {
	f.once.Do(func() {
		f.text, f.err = text, err
		close(f.ended)
	})
}

func (f *flight) Take() (string, *host.Error, bool) {
	select {
	case <-f.ended:
		return f.text, f.err, true
	default:
		return "", nil, false
	}
}

func (f *flight) Drop() {
	f.cancel()
	played.count(-1)
}

func refuse(message *Message, terms terms) *host.Error {
	switch {
	case message.Target.Topic == "":
		return &host.Error{Case: host.CaseInvalidTarget, Message: "a topic is needed"}
	case message.Target.Fanout && !message.IsCast:
		return &host.Error{Case: host.CaseInvalidTarget, Message: "a call cannot be fanout"}
	case !passes(terms.target.Version, terms.versionCap):
		return &host.Error{
			Case: host.CaseVersionCap, Version: terms.target.Version, Detail: *terms.versionCap,
			Message: "the target's version does not fit the cap " + *terms.versionCap,
		}
	default:
		return nil
	}
}

func timedOut(message *Message, outcome host.Outcome) *host.Error {
	return &host.Error{
		Case: host.CaseTimeout, Outcome: outcome, WaitingFor: host.Reply, Limit: message.Timeout,
		Message: fmt.Sprintf("no reply came within %v", message.Timeout),
	}
}

// run runs a handler, whose panic is an exception as it is with a server.
func run(ctx context.Context, handler Handler, message *Message) (text string, err *host.Error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = lower(Exception("builtins", "Exception", fmt.Sprint(panicked)))
		}
	}()
	if handler == nil {
		return "", lower(Exception("oslo_messaging.rpc.dispatcher", "NoSuchMethod",
			"Endpoint does not support RPC method "+message.Method))
	}
	result, failed := handler(ctx, message)
	if failed != nil {
		return "", lower(failed)
	}
	encoded, failed := json.Marshal(result)
	if failed != nil {
		return "", lower(failed)
	}
	return string(encoded), nil
}

// lower is an error as a host gives it.
func lower(err error) *host.Error {
	message := err.Error()
	if e, ok := errors.AsType[*oslo.RemoteError](err); ok {
		return &host.Error{
			Case: host.CaseRemote, TypeName: e.TypeName, TypeModule: e.TypeModule,
			Message: e.Message, Args: or(text(e.Args), "[]"), Kwargs: or(text(e.Kwargs), "{}"),
			Traceback: e.Traceback,
		}
	}
	if e, ok := errors.AsType[*oslo.TimeoutError](err); ok {
		return &host.Error{
			Case: host.CaseTimeout, Outcome: host.Outcome(e.Outcome),
			WaitingFor: host.WaitingFor(e.WaitingFor), Limit: e.Limit, Message: message,
		}
	}
	if e, ok := errors.AsType[*oslo.NoSuchTargetError](err); ok {
		return &host.Error{
			Case: host.CaseNoSuchTarget, Detail: e.Exchange, RoutingKey: e.RoutingKey,
			Message: message,
		}
	}
	if e, ok := errors.AsType[*oslo.DeliveryError](err); ok {
		return &host.Error{
			Case: host.CaseDeliveryFailure, Outcome: host.Outcome(e.Outcome), Message: message,
		}
	}
	if e, ok := errors.AsType[*oslo.AccessDeniedError](err); ok {
		return &host.Error{Case: host.CaseAccessDenied, Detail: e.Rule, Message: message}
	}
	if e, ok := errors.AsType[*oslo.LimitExceededError](err); ok {
		return &host.Error{Case: host.CaseLimitExceeded, Detail: e.Limit, Message: message}
	}
	if _, ok := errors.AsType[*oslo.InvalidReplyError](err); ok {
		return &host.Error{Case: host.CaseInvalidReply, Message: message}
	}
	if e, ok := errors.AsType[*oslo.OtherError](err); ok {
		return &host.Error{
			Case: host.CaseOther, Outcome: host.Outcome(e.Outcome), Message: message,
		}
	}
	return lower(Exception("builtins", "Exception", message))
}

func text(raw json.RawMessage) *string {
	if raw == nil {
		return nil
	}
	return new(string(raw))
}
