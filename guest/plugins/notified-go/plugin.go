// Notified-go handles notifications, and tells the topic that they name of each; see
// tests/tests/notified.rs.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
)

func main() {
	oslolisten.Handle(oslolisten.Endpoint{
		Filter: oslolisten.Filter{
			PublisherID: `compute\.`,
			EventType:   `instance\.`,
			Context:     map[string]string{"user": "."},
		},
		Handlers: oslolisten.Handlers{
			oslo.PriorityInfo:     relay,
			oslo.PriorityError:    twice,
			oslo.PriorityCritical: fragile,
			oslo.PriorityAudit:    mistaken,
		},
	})
}

func open(notification *oslolisten.Notification, options ...oslo.Option) (*oslo.Notifier, error) {
	var told struct{ To string }
	if err := notification.Decode(&told); err != nil {
		return nil, err
	}
	options = append([]oslo.Option{oslo.WithTopics(told.To)}, options...)
	return oslo.OpenNotifier("default", "plugin.host-1", options...)
}

func relay(ctx context.Context, notification *oslolisten.Notification) error {
	notifier, err := open(notification, oslo.WithTimeout(10*time.Second), oslo.WithRetry(3))
	if err != nil {
		return err
	}
	defer notifier.Close()
	return notifier.Warn(ctx, "heard."+notification.EventType, map[string]any{
		"priority":    notification.Priority,
		"publisherId": notification.PublisherID,
		"redelivered": notification.Redelivered,
		"payload":     notification.Payload,
	})
}

// twice wants it again, once.
func twice(ctx context.Context, notification *oslolisten.Notification) error {
	if !notification.Redelivered {
		return oslolisten.ErrRequeue
	}
	return relay(ctx, notification)
}

func fragile(ctx context.Context, notification *oslolisten.Notification) error {
	if !notification.Redelivered {
		panic("not this time")
	}
	return relay(ctx, notification)
}

// mistaken makes mistakes, none of which ends the plugin, and tells what they are said to be.
func mistaken(ctx context.Context, notification *oslolisten.Notification) error {
	notifier, err := open(notification)
	if err != nil {
		return err
	}
	defer notifier.Close()
	_, topics := oslo.OpenNotifier("default", "p", oslo.WithTopics(""))
	var mistakes []string
	for _, err := range []error{
		notifier.Notify(ctx, "urgent", "e", nil),
		notifier.Info(oslo.NewContext(ctx, []int{}), "e", nil),
		notifier.Info(ctx, "half \xf0", nil),
		notifier.Info(ctx, "e", math.NaN()),
		notifier.Info(ctx, "e", json.RawMessage("{")),
		topics,
	} {
		mistake := "nothing"
		if invalid, ok := errors.AsType[*oslo.InvalidArgumentError](err); ok {
			mistake = strings.ReplaceAll(invalid.Argument, "-", "")
		} else if err != nil {
			mistake = err.Error()
		}
		mistakes = append(mistakes, mistake)
	}
	return notifier.Sample(ctx, "mistakes", mistakes)
}
