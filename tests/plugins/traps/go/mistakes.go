package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// mistakes prints what their author reads.
func mistakes(ctx context.Context, client *oslo.Client) {
	call := func(args, reply any, options ...oslo.Option) error {
		return client.Call(ctx, "echo", args, reply, options...)
	}
	closed, err := client.Prepare()
	if err == nil {
		err = closed.Close()
	}
	if err == nil {
		err = closed.Call(ctx, "echo", nil, nil)
	}
	good := map[string]any{"value": "seven"}
	_, unknown := oslo.Open("elsewhere", oslo.Target{Topic: "demo"})
	var number int
	var server struct{ Value []int }
	object := map[string]any{"value": map[string]any{"Value": "seven"}}

	for _, mistake := range []struct {
		name string
		err  error
	}{
		{"a transport that is not granted", unknown},
		{"arguments that are not JSON", call(json.RawMessage(`{"value": `), nil)},
		{"arguments that are no object", call([]int{1}, nil)},
		{"arguments that JSON does not have", call(map[string]any{"value": func() {}}, nil)},
		{"text that is not UTF-8", call(good, nil, oslo.WithServer("\xff"))},
		{"a version that is none", call(good, nil, oslo.WithVersion("latest"))},
		{"an option that no function made", call(good, nil, oslo.Option{})},
		{"a client that was closed", err},
		{"a reply of another type", call(good, &number)},
		{"a reply with a field of another type", call(object, &server)},
		{"a reply that goes nowhere", call(good, number)},
		{"a request among others", errors.Join(client.CallAll(ctx,
			oslo.Request{Method: "whoami"},
			oslo.Request{Method: "\xff"},
			oslo.Request{Method: "whoami", Reply: new(bool)},
		)...)},
	} {
		fmt.Printf("%s: %T: %v\n", mistake.name, mistake.err, mistake.err)
	}
}
