package oslolisten_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

func TestWhatIsWantedIsHandled(t *testing.T) {
	var got []oslolisten.Notification
	endpoint := oslolisten.Endpoint{
		Filter: oslolisten.Filter{
			PublisherID: `compute\.`,
			EventType:   "made",
			Context:     map[string]string{"user": "m"},
			Metadata:    map[string]string{"timestamp": "2026"},
			Payload:     map[string]string{"id": "7"},
		},
		Handlers: oslolisten.Handlers{
			oslo.PriorityInfo: func(_ context.Context, it *oslolisten.Notification) error {
				got = append(got, *it)
				return nil
			},
			oslo.PriorityError: func(context.Context, *oslolisten.Notification) error {
				return fmt.Errorf("not yet: %w", oslolisten.ErrRequeue)
			},
			oslo.PriorityWarn: func(_ context.Context, it *oslolisten.Notification) error {
				var into struct{ ID int }
				return it.Decode(&into)
			},
			oslo.PriorityAudit: func(context.Context, *oslolisten.Notification) error { panic("boom") },
		},
	}
	right := oslolisten.Notification{
		Priority: oslo.PriorityInfo, PublisherID: "compute.host-1", EventType: "made.it",
		MessageID: "1", Timestamp: "2026-01-02 03:04:05.000600", Context: json.RawMessage(`{"user": "me"}`),
		Payload: json.RawMessage(`{"id": "7"}`), Redelivered: true,
	}
	for _, one := range []struct {
		want   oslotest.Heard
		change func(*oslolisten.Notification)
	}{
		{oslotest.Handled, func(*oslolisten.Notification) {}},
		{oslotest.Requeue, func(it *oslolisten.Notification) { it.Priority = oslo.PriorityError }},
		{oslotest.Requeue, func(it *oslolisten.Notification) { it.Priority = oslo.PriorityWarn }},
		{oslotest.Requeue, func(it *oslolisten.Notification) { it.Priority = oslo.PriorityAudit }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.Priority = oslo.PriorityDebug }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.EventType = "not made" }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.PublisherID = "" }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.Context = nil }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.Timestamp = "" }},
		{oslotest.Filtered, func(it *oslolisten.Notification) { it.Payload = json.RawMessage("7") }},
	} {
		it := right
		one.change(&it)
		if heard := oslotest.Deliver(endpoint, it); heard != one.want {
			t.Error(it, heard, one.want)
		}
	}
	if len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(right) {
		t.Error(got)
	}
}

func TestWhatHandlesNothingPanics(t *testing.T) {
	handler := func(context.Context, *oslolisten.Notification) error { return nil }
	if handlers := oslolisten.Each(handler); len(handlers) != len(oslo.Priorities()) {
		t.Error(handlers)
	}
	for want, endpoint := range map[string]oslolisten.Endpoint{
		"no handlers":               {},
		`no priority "urgent"`:      {Handlers: oslolisten.Handlers{"urgent": handler}},
		`handler for "info" is nil`: {Handlers: oslolisten.Handlers{oslo.PriorityInfo: nil}},
		"not UTF-8": {
			Handlers: oslolisten.Each(handler), Filter: oslolisten.Filter{EventType: "\xf0"},
		},
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, want) {
					t.Error(want, said)
				}
			}()
			oslolisten.Handle(endpoint)
		}()
	}
}

func TestNotifier(t *testing.T) {
	transport := oslotest.Grant(t, "default")
	notifier, err := oslo.OpenNotifier("default", "compute.host-1",
		oslo.WithTopics("a", "b"), oslo.WithTimeout(5*time.Second), oslo.WithRetry(2))
	if err != nil {
		t.Fatal(err)
	}
	ctx := oslo.NewContext(t.Context(), map[string]string{"user": "me"})
	verbs := []func(context.Context, string, any) error{
		notifier.Audit, notifier.Debug, notifier.Info, notifier.Warn, notifier.Error, notifier.Critical,
		notifier.Sample,
	}
	for _, verb := range verbs {
		if err := verb(ctx, "made", map[string]int{"id": 7}); err != nil {
			t.Error(err)
		}
	}
	for i, sent := range transport.Notifications() {
		if sent.Priority != oslo.Priorities()[i] || string(sent.Payload) != `{"id":7}` ||
			string(sent.Context) != `{"user":"me"}` || fmt.Sprint(sent.Topics) != "[a b]" ||
			sent.PublisherID != "compute.host-1" || sent.EventType != "made" || sent.Timeout != 5*time.Second {
			t.Error(sent)
		}
	}
	if notifier.Transport() != "default" || notifier.PublisherID() != "compute.host-1" || len(notifier.Topics()) != 2 {
		t.Error(notifier.Transport(), notifier.PublisherID(), notifier.Topics())
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if err := notifier.Info(canceled, "e", nil); !errors.Is(err, context.Canceled) || oslo.OutcomeOf(err) != oslo.NotExecuted {
		t.Error(err)
	}
	late, cancel := context.WithTimeout(ctx, -time.Second)
	defer cancel()
	if err := notifier.Info(late, "e", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	_, badTopic := oslo.OpenNotifier("default", "p", oslo.WithTopics("\xf0"))
	_, noTopic := oslo.OpenNotifier("default", "p", oslo.WithTopics())
	_, badID := oslo.OpenNotifier("default", "\xf0")
	_, badOption := oslo.OpenNotifier("default", "p", oslo.WithServer("s"))
	_, ofClient := oslo.Open("default", oslo.Target{}, oslo.WithTopics("t"))
	for _, one := range []struct {
		argument string
		err      error
	}{
		{"priority", notifier.Notify(ctx, "urgent", "e", nil)},
		{"event-type", notifier.Info(ctx, "\xf0", nil)},
		{"payload", notifier.Info(ctx, "e", math.NaN())},
		{"payload", notifier.Info(ctx, "e", json.RawMessage("{"))},
		{"payload", notifier.Info(ctx, "e", func() {})},
		{"context", notifier.Info(oslo.NewContext(ctx, 7), "e", nil)},
		{"topics", badTopic}, {"topics", noTopic}, {"publisher-id", badID}, {"server", badOption},
		{"topics", ofClient}, {"notifier", (*oslo.Notifier)(nil).Info(ctx, "e", nil)},
		{"notifier", new(oslo.Notifier).Info(ctx, "e", nil)},
	} {
		invalid, ok := errors.AsType[*oslo.InvalidArgumentError](one.err)
		if !ok || invalid.Argument != one.argument || oslo.OutcomeOf(one.err) != oslo.NotExecuted {
			t.Error(one.argument, one.err)
		}
	}
	if sent := transport.Notifications(); len(sent) != len(verbs) {
		t.Error(sent)
	}
	for i, payload := range []any{nil, (*int)(nil), json.RawMessage(nil), json.RawMessage("null")} {
		err := notifier.Info(ctx, "e", payload)
		if sent := transport.Notifications(); err != nil || string(sent[len(sent)-1].Payload) != "null" {
			t.Error(i, sent[len(sent)-1], err)
		}
	}
	notifier.Close()
	notifier.Close()
	if err := notifier.Info(ctx, "e", nil); err == nil || oslotest.Open() != 0 {
		t.Error(err, oslotest.Open())
	}
	if _, err := oslo.OpenNotifier("other", ""); !strings.Contains(fmt.Sprint(err), "no transport `other`") {
		t.Error(err)
	}
}
