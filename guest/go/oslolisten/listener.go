package oslolisten

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/invocation"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

type listener struct {
	handlers Handlers
	filter   host.Filter
}

func (l *listener) Filter() host.Filter {
	if l.handlers == nil {
		panic("oslolisten: nothing handles notifications: main did not call oslolisten.Handle")
	}
	return l.filter
}

func (l *listener) Handle(raw host.Notification) (again bool) {
	err := l.handle(raw)
	if err != nil && !errors.Is(err, ErrRequeue) {
		// There is nobody to tell but whoever reads what the plugin prints.
		fmt.Fprintln(os.Stderr, "a notification was not handled:", err)
	}
	return err != nil
}

func (l *listener) handle(raw host.Notification) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	handler := l.handlers[oslo.Priority(raw.Priority)]
	if handler == nil {
		// The host has asked about the priorities, or it has a mistake.
		return fmt.Errorf("there is no handler for the priority %q", raw.Priority)
	}
	ctx, cancel := invocation.Begin(raw.Context)
	defer cancel()
	return handler(ctx, &Notification{
		Priority:    oslo.Priority(raw.Priority),
		PublisherID: invocation.TextOf(raw.PublisherID),
		EventType:   invocation.TextOf(raw.EventType),
		MessageID:   invocation.TextOf(raw.MessageID),
		Timestamp:   invocation.TextOf(raw.Timestamp),
		Context:     json.RawMessage(raw.Context),
		Payload:     json.RawMessage(raw.Payload),
		Redelivered: raw.Redelivered,
	})
}
