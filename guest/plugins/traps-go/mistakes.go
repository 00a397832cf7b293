package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"oslo.messaging/oslo"
)

// mistakes prints what their author reads.
func mistakes(ctx context.Context, client *oslo.Client) {
	call := func(args, reply any, settings ...oslo.Setting) error {
		return client.Prepare(settings...).Call(ctx, "echo", args, reply)
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
		{"text that is not UTF-8", call(good, nil, oslo.Server("\xff"))},
		{"a version that is none", call(good, nil, oslo.Version("latest"))},
		{"a setting that no function made", call(good, nil, oslo.Setting{})},
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
