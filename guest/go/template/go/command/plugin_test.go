package main

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

func TestAdd(t *testing.T) {
	transport := oslotest.Grant(t, "default")
	transport.Handle("add", func(_ context.Context, message *oslotest.Message) (any, error) {
		var args struct{ A, B int }
		err := json.Unmarshal(message.Args, &args)
		return args.A + args.B, err
	})
	client, err := oslo.Open("default", oslo.Target{Topic: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if sum, err := add(t.Context(), client, 2, 3); sum != 5 || err != nil {
		t.Error(sum, err)
	}
}
