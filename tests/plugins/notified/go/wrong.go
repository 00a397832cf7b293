package main

import (
	"context"
	"encoding/json"
	"math"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// wrong does what is wrong, and returns what is said of it.
func wrong(ctx context.Context, kind string) error {
	notifier, err := oslo.OpenNotifier("default", "nobody")
	if err != nil {
		return err
	}
	defer notifier.Close()
	switch kind {
	case "payload":
		return notifier.Info(ctx, "e", func() {})
	case "json":
		return notifier.Info(ctx, "e", json.RawMessage("{"))
	case "nan":
		return notifier.Info(ctx, "e", []float64{math.NaN()})
	case "context":
		return notifier.Info(oslo.NewContext(ctx, []int{}), "e", nil)
	case "surrogate":
		return notifier.Info(ctx, "\xed\xa0\xbd", nil)
	case "priority":
		return notifier.Notify(ctx, "urgent", "e", nil)
	case "topics":
		_, err := oslo.OpenNotifier("default", "nobody", oslo.WithTopics())
		return err
	default:
		return nil
	}
}
