package main

import (
	"encoding/json"
	"testing"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

func TestSeen(t *testing.T) {
	created := oslolisten.Notification{
		Priority:  oslo.PriorityInfo,
		EventType: "compute.instance.create.end",
		Payload:   json.RawMessage(`{"id": 7}`),
	}
	if heard := oslotest.Deliver(endpoint(), created); heard != oslotest.Handled {
		t.Error(heard)
	}
	created.EventType = "image.create.end"
	if heard := oslotest.Deliver(endpoint(), created); heard != oslotest.Filtered {
		t.Error(heard)
	}
}
