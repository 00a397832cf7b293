package osloserve

import (
	"context"
	"encoding/json"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/invocation"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Request is what is known of a request beside its arguments.
type Request struct {
	// Method is the one that is called.
	Method string
	// Context is what the caller says beside the arguments, a JSON object (in OpenStack: user, project,
	// request id). The context of the method hands it on to what the method calls.
	Context json.RawMessage
	// Namespace is the one that the caller asked for; empty: the unnamed one.
	Namespace string
	// Version is the one that the caller was written for; empty counts as 1.0.
	Version string
	// CallMonitorTimeout is how long the caller waits for a sign of life, which the host sends; zero: it
	// does not monitor the call.
	CallMonitorTimeout time.Duration
	// MessageID is that of the message; empty when its sender gave it none.
	MessageID string
	// ServedBy is the server that got it, with its exchange, topic and name. A plugin may serve as several.
	ServedBy oslo.Target
}

// RequestOf returns the request that a method was called by, of whose context this is made; false
// elsewhere.
func RequestOf(ctx context.Context) (request Request, ok bool) {
	request, ok = ctx.Value(requestKey{}).(Request)
	return request, ok
}

type requestKey struct{}

func lift(raw host.Request) Request {
	request := Request{
		Method:    raw.Method,
		Context:   json.RawMessage(raw.Context),
		Namespace: invocation.TextOf(raw.Namespace),
		Version:   invocation.TextOf(raw.Version),
		MessageID: invocation.TextOf(raw.MessageID),
		ServedBy: oslo.Target{
			Exchange: invocation.TextOf(raw.ServedBy.Exchange),
			Topic:    invocation.TextOf(raw.ServedBy.Topic),
			Server:   invocation.TextOf(raw.ServedBy.Server),
		},
	}
	if raw.CallMonitorTimeout != nil {
		request.CallMonitorTimeout = *raw.CallMonitorTimeout
	}
	return request
}
