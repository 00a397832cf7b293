// Notified-go handles notifications as tests/python/notified_endpoints.py does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
)

func main() {
	handlers := oslolisten.Each(new(endpoint).handle)
	delete(handlers, oslo.PriorityDebug)
	oslolisten.Handle(oslolisten.Endpoint{
		Filter: oslolisten.Filter{
			PublisherID: "^tester$",
			EventType:   `^(show|again|fail|wrong)\.`,
			Payload:     map[string]string{"answer": "."},
			Context:     map[string]string{"user": "^alice$"},
		},
		Handlers: handlers,
	})
}

type endpoint struct {
	count int
	seen  []string
}

func (e *endpoint) handle(ctx context.Context, notification *oslolisten.Notification) error {
	e.count++
	var payload struct{ Answer, ID string }
	if err := notification.Decode(&payload); err != nil {
		return err
	}
	notifier, err := oslo.OpenNotifier("default", "notified.host-1",
		oslo.WithTopics(payload.Answer), oslo.WithTimeout(30*time.Second), oslo.WithRetry(2))
	if err != nil {
		return err
	}
	defer notifier.Close()

	verb, kind, _ := strings.Cut(notification.EventType, ".")
	if verb == "wrong" {
		err := wrong(ctx, kind)
		// The sender's context has its token.
		ctx = oslo.NewContext(ctx, map[string]string{})
		argument := "none"
		if invalid, ok := errors.AsType[*oslo.InvalidArgumentError](err); ok {
			argument = invalid.Argument
		} else if err != nil {
			argument = err.Error()
		}
		return notifier.Info(ctx, "refused", map[string]any{
			"argument": argument, "outcome": oslo.OutcomeOf(err).String(), "count": e.count,
		})
	}
	if verb != "show" && e.isNew(payload.ID) {
		if verb == "fail" {
			panic("not yet")
		}
		return oslolisten.ErrRequeue
	}
	var sender struct{ User string }
	if err := json.Unmarshal(notification.Context, &sender); err != nil {
		return err
	}
	ctx = oslo.NewContext(ctx, map[string]string{"user": "bob"})
	return notifier.Notify(ctx, notification.Priority, "shown", map[string]any{
		"priority":     notification.Priority,
		"publisher_id": notification.PublisherID,
		"event_type":   notification.EventType,
		"user":         sender.User,
		"payload":      notification.Payload,
		"message_id":   len(notification.MessageID),
		"timestamp":    len(notification.Timestamp),
		"count":        e.count,
	})
}

func (e *endpoint) isNew(id string) bool {
	for _, one := range e.seen {
		if one == id {
			return false
		}
	}
	e.seen = append(e.seen, id)
	return true
}
