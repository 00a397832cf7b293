package oslolisten

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Endpoint handles notifications.
type Endpoint struct {
	// Filter says which of them it wants, of the priorities that it has handlers for.
	Filter Filter
	// Handlers are what handles them.
	Handlers Handlers
}

// Handlers are handlers by the priority that each is for.
type Handlers map[oslo.Priority]Handler

// Each returns a handler's map for these priorities, and for all if there are none.
func Each(handler Handler, priorities ...oslo.Priority) Handlers {
	if len(priorities) == 0 {
		priorities = oslo.Priorities()
	}
	handlers := Handlers{}
	for _, priority := range priorities {
		handlers[priority] = handler
	}
	return handlers
}

// Handler handles a notification. With an error, or a panic, it is printed on standard error that it was
// not handled, and it comes again, here or elsewhere, if the operator allows that; else it is forgotten.
// [ErrRequeue] wants it to come again without a word.
//
// The context carries the request context of whoever sent it, so that what the handler calls with it hands
// that on; the notifications that it sends have only what [oslo.NewContext] is given. It has the deadline that
// the host set, and is cancelled when the handler returns.
type Handler func(ctx context.Context, notification *Notification) error

// ErrRequeue is what a handler returns that wants a notification to come again.
var ErrRequeue = errors.New("the notification is to come again")

// Filter says which notifications are wanted: those that match all of its regular expressions. They have
// Python's syntax, match from the beginning of a text, and need not reach its end; an empty one matches
// all. The host refuses to listen with one that is none.
type Filter struct {
	// PublisherID is for who says it.
	PublisherID string
	// EventType is for what happened.
	EventType string
	// Context is for the values of names in the context.
	Context map[string]string
	// Metadata is for message_id and timestamp.
	Metadata map[string]string
	// Payload is for the values of names in the payload, which then has to be an object.
	Payload map[string]string
}

// Notification is something that happened. What its sender left out is empty.
type Notification struct {
	// Priority is how urgent it is.
	Priority oslo.Priority
	// PublisherID is who says it, such as compute.host-1.
	PublisherID string
	// EventType is what happened, such as compute.instance.create.end.
	EventType string
	// MessageID is the same for all copies of it.
	MessageID string
	// Timestamp is when it was sent, as its sender wrote it. Python writes 2026-01-02 03:04:05.000600, in
	// UTC.
	Timestamp string
	// Context is what the sender says beside the payload, a JSON object.
	Context json.RawMessage
	// Payload is what is told, JSON.
	Payload json.RawMessage
	// Redelivered says whether it was handed out before.
	Redelivered bool
}

// Decode puts the payload into the value that into points to, as [encoding/json] does it.
func (n *Notification) Decode(into any) error {
	if err := json.Unmarshal(n.Payload, into); err != nil {
		return fmt.Errorf("the payload of %s does not fit: %w", n.EventType, err)
	}
	return nil
}

// Handle says what handles the plugin's notifications, and returns; the last call counts. It panics when
// the endpoint has no handler, one for a priority that there is none of, or a text that is not UTF-8.
func Handle(endpoint Endpoint) {
	if len(endpoint.Handlers) == 0 {
		panic("oslolisten: the endpoint has no handlers")
	}
	filter := host.Filter{
		PublisherID: optional("publisher id", endpoint.Filter.PublisherID),
		EventType:   optional("event type", endpoint.Filter.EventType),
		Context:     checked(endpoint.Filter.Context),
		Metadata:    checked(endpoint.Filter.Metadata),
		Payload:     checked(endpoint.Filter.Payload),
	}
	for _, priority := range slices.Sorted(maps.Keys(endpoint.Handlers)) {
		if !slices.Contains(oslo.Priorities(), priority) {
			panic(fmt.Sprintf("oslolisten: there is no priority %q", priority))
		}
		if endpoint.Handlers[priority] == nil {
			panic(fmt.Sprintf("oslolisten: the handler for %q is nil", priority))
		}
		filter.Priorities = append(filter.Priorities, string(priority))
	}
	host.Listening = &listener{endpoint.Handlers, filter}
}

func optional(name, regex string) *string {
	if regex == "" {
		return nil
	}
	if !utf8.ValidString(regex) {
		panic(fmt.Sprintf("oslolisten: the filter's %s %q is not UTF-8", name, regex))
	}
	return &regex
}

func checked(regexes map[string]string) map[string]string {
	for name, regex := range regexes {
		optional("name", name)
		optional(name, regex)
	}
	return regexes
}

func init() { host.Listening = &listener{} }
