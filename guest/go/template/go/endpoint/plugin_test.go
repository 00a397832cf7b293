package main

import (
	"errors"
	"testing"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

func TestDivide(t *testing.T) {
	transport := oslotest.Grant(t, "default")
	transport.Serve(oslo.Target{Topic: "NAME", Server: "host-1"}, endpoints()...)
	client, err := oslo.Open("default", oslo.Target{Topic: "NAME", Version: "1.0"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()

	var quotient float64
	err = client.Call(t.Context(), "divide", map[string]any{"a": 7, "b": 2}, &quotient)
	if quotient != 3.5 || err != nil {
		t.Error(quotient, err)
	}
	err = client.Call(t.Context(), "divide", map[string]any{"a": 7, "b": 0}, nil)
	if !errors.Is(err, &oslo.RemoteError{TypeName: "ZeroDivisionError"}) {
		t.Error(err)
	}
}
