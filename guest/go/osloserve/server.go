package osloserve

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/invocation"
)

type server struct {
	endpoints []Endpoint
	described []host.Endpoint
}

func (s *server) Endpoints() []host.Endpoint {
	if s.described == nil {
		panic("osloserve: the plugin serves nothing: its main did not call osloserve.Serve")
	}
	return s.described
}

func (s *server) Handle(raw host.Request) (result string, raised *host.Exception) {
	// Whatever a method does, its caller has an answer, and the instance goes on.
	defer func() {
		if panicked := recover(); panicked != nil {
			raised = lower(fmt.Errorf("panic: %v", panicked))
			raised.Traceback = strings.SplitAfter(utf8Of(string(debug.Stack())), "\n")
		}
	}()
	var method Method
	if raw.Endpoint < len(s.endpoints) {
		method = s.endpoints[raw.Endpoint].Methods[raw.Method]
	}
	if method == nil {
		// The host has asked another plugin, or it has a mistake.
		return "", lower(fmt.Errorf("there is no endpoint %d with a method %q", raw.Endpoint, raw.Method))
	}
	ctx, cancel := invocation.Begin(raw.Context)
	defer cancel()
	ctx = context.WithValue(ctx, requestKey{}, lift(raw))
	value, err := method(ctx, json.RawMessage(raw.Args))
	if err != nil {
		return "", lower(named(raw.Method, err))
	}
	encoded, err := marshal(value)
	if err != nil {
		return "", lower(exception("ValueError", "%s(): the result cannot be sent: %w", raw.Method, err))
	}
	return encoded, nil
}
