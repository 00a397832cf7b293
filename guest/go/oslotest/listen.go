package oslotest

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslolisten"
)

// Heard is what became of a notification.
type Heard string

const (
	// Handled: its handler is done with it.
	Handled Heard = "handled"
	// Requeue: it is to come again, because its handler said so or failed.
	Requeue Heard = "requeue"
	// Filtered: the endpoint does not want it.
	Filtered Heard = "filtered"
)

// Deliver hands a notification to a plugin's endpoint, with the filter of the host. Regular expressions are
// those of [regexp] here, which are mostly the same; one that is none panics.
func Deliver(endpoint oslolisten.Endpoint, notification oslolisten.Notification) Heard {
	oslolisten.Handle(endpoint)
	raw := host.Notification{
		Priority:    string(notification.Priority),
		PublisherID: optional(notification.PublisherID),
		EventType:   optional(notification.EventType),
		MessageID:   optional(notification.MessageID),
		Timestamp:   optional(notification.Timestamp),
		Context:     or(text(notification.Context), "{}"),
		Payload:     or(text(notification.Payload), "null"),
		Redelivered: notification.Redelivered,
	}
	if !wants(host.Listening.Filter(), raw) {
		return Filtered
	}
	if host.Listening.Handle(raw) {
		return Requeue
	}
	return Handled
}

func wants(filter host.Filter, raw host.Notification) bool {
	metadata, _ := json.Marshal(map[string]*string{
		"message_id": raw.MessageID, "timestamp": raw.Timestamp,
	})
	return slices.Contains(filter.Priorities, raw.Priority) &&
		matches(filter.PublisherID, raw.PublisherID) &&
		matches(filter.EventType, raw.EventType) &&
		all(filter.Context, raw.Context) &&
		all(filter.Metadata, string(metadata)) &&
		all(filter.Payload, raw.Payload)
}

// all says whether the values of these names match in a JSON object.
func all(regexes map[string]string, object string) bool {
	var values map[string]any
	if json.Unmarshal([]byte(object), &values) != nil {
		values = nil
	}
	for name, regex := range regexes {
		value, isText := values[name].(string)
		if !isText || !matches(&regex, &value) {
			return false
		}
	}
	return true
}

func matches(regex, text *string) bool {
	if regex == nil {
		return true
	}
	compiled := regexp.MustCompile("^(?:" + *regex + ")")
	return text != nil && compiled.MatchString(*text)
}
