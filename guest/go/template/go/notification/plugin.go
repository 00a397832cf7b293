// Command NAME handles notifications.
package main

import (
	"context"
	"fmt"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
)

func main() { oslolisten.Handle(endpoint()) }

func endpoint() oslolisten.Endpoint {
	return oslolisten.Endpoint{
		Filter:   oslolisten.Filter{EventType: `compute\.instance\.`},
		Handlers: oslolisten.Handlers{oslo.PriorityInfo: seen},
	}
}

func seen(_ context.Context, notification *oslolisten.Notification) error {
	var instance struct{ ID int }
	if err := notification.Decode(&instance); err != nil {
		return err
	}
	fmt.Println("there is news of", instance.ID)
	return nil
}
