// Served-go serves the endpoints of tests/python/served_endpoints.py.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/osloserve"
)

func main() {
	osloserve.Serve(
		osloserve.Endpoint{Version: "1.5", Methods: first()},
		osloserve.Endpoint{
			Namespace:        "ns",
			LegacyNamespaces: []string{"old"},
			Version:          "2.1",
			Methods:          osloserve.Methods{"hello": osloserve.Func(hello)},
		},
		osloserve.Endpoint{Version: "2.3", Methods: osloserve.Methods{"which": which("2.3")}},
	)
}

func first() osloserve.Methods {
	counted := 0
	return osloserve.Methods{
		"echo":          osloserve.Func(echo),
		"add":           osloserve.Func(add),
		"none":          osloserve.Func(none),
		"context":       osloserve.Func(requestContext),
		"monitored":     osloserve.Func(monitored),
		"whoami":        osloserve.Func(whoami),
		"which":         which("1.5"),
		"quota":         osloserve.Func(quota),
		"fail_value":    osloserve.Func(failValue),
		"fail_expected": osloserve.Func(failExpected),
		"relay":         osloserve.Func(relay),
		"count": osloserve.Func(func(context.Context, struct{}) (int, error) {
			counted++
			return counted, nil
		}),
	}
}

func echo(_ context.Context, args struct {
	Value json.RawMessage `json:"value"`
}) (json.RawMessage, error) {
	return args.Value, nil
}

func add(_ context.Context, args struct{ A, B int64 }) (int64, error) {
	return args.A + args.B, nil
}

func none(context.Context, struct{}) (any, error) { return nil, nil }

func requestContext(ctx context.Context, _ struct{}) (any, error) {
	request, _ := oslo.FromContext(ctx)
	return request, nil
}

func monitored(ctx context.Context, _ struct{}) (any, error) {
	request, _ := osloserve.RequestOf(ctx)
	if request.CallMonitorTimeout == 0 {
		return nil, nil
	}
	return request.CallMonitorTimeout.Seconds(), nil
}

func whoami(ctx context.Context, _ struct{}) (string, error) {
	request, _ := osloserve.RequestOf(ctx)
	return request.ServedBy.Server, nil
}

func which(version string) osloserve.Method {
	return osloserve.Func(func(context.Context, struct{}) (string, error) { return version, nil })
}

func quota(_ context.Context, args struct {
	Resource string `json:"resource"`
	Limit    int    `json:"limit"`
}) (any, error) {
	return nil, &osloserve.Exception{
		TypeModule: "peer_errors",
		TypeName:   "QuotaExceeded",
		Message:    fmt.Sprintf("('quota exceeded', '%s')", args.Resource),
		Args:       []any{"quota exceeded", args.Resource},
		Kwargs:     map[string]any{"limit": args.Limit},
	}
}

func failValue(context.Context, struct{}) (any, error) {
	return nil, &osloserve.Exception{
		TypeName: "ValueError", Message: "('boom', 42)", Args: []any{"boom", 42},
	}
}

var errNoSuchThing = &osloserve.Exception{
	TypeName: "LookupError", Message: "no such thing", Expected: true,
}

func failExpected(context.Context, struct{}) (any, error) {
	return nil, errNoSuchThing
}

func relay(ctx context.Context, args struct {
	Topic string          `json:"topic"`
	Name  string          `json:"name"`
	Args  json.RawMessage `json:"args"`
}) (result json.RawMessage, err error) {
	client, err := oslo.Open("default", oslo.Target{Topic: args.Topic})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if err := client.Call(ctx, args.Name, args.Args, &result); err != nil {
		return nil, fmt.Errorf("calling %s: %w", args.Name, err)
	}
	return result, nil
}

func hello(_ context.Context, args struct{ Who string }) (string, error) {
	return "hello " + args.Who, nil
}
