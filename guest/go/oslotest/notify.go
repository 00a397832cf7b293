package oslotest

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Notification is one that a plugin sent.
type Notification struct {
	// Topics are those that got a copy.
	Topics []string
	// Priority is how urgent it is.
	Priority oslo.Priority
	// PublisherID is who says it; empty if it said nothing.
	PublisherID string
	// EventType is what happened.
	EventType string
	// Context is the request context, as JSON.
	Context json.RawMessage
	// Payload is what is told, as JSON.
	Payload json.RawMessage
	// Timeout is how long it might have taken.
	Timeout time.Duration
}

// Notifications returns what notifiers sent so far, in the order in which they did.
func (t *Transport) Notifications() []Notification {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.notifications)
}

type notifier struct {
	name      string
	transport *Transport
	settings  host.NotifierSettings
}

func (h *playedHost) OpenNotifier(
	name string, settings host.NotifierSettings,
) (host.Notifier, *host.Error) {
	transport, denied := h.find(name)
	if denied != nil {
		return nil, denied
	}
	if settings.Topics == nil {
		settings.Topics = []string{"notifications"}
	}
	if len(settings.Topics) == 0 || slices.Contains(settings.Topics, "") {
		return nil, &host.Error{
			Case: host.CaseInvalidArgument, Detail: "topics",
			Message: "a notification goes to one topic or more, whose names are not empty",
		}
	}
	played.count(1)
	return &notifier{name, transport, settings}, nil
}

func (n *notifier) Notify(
	message host.Message, priority string, timeout *time.Duration,
) *host.Error {
	if err := checkObject("context", message.Context); err != nil {
		return err
	}
	if !json.Valid([]byte(message.Args)) {
		return &host.Error{
			Case: host.CaseInvalidArgument, Detail: "payload", Message: "it is not JSON",
		}
	}
	limit := or(timeout, n.transport.timeout)
	if limit <= 0 {
		return &host.Error{
			Case: host.CaseTimeout, Outcome: host.NotExecuted, WaitingFor: host.Admission,
			Limit: limit, Message: "time was up before the notification was sent",
		}
	}
	n.transport.mutex.Lock()
	defer n.transport.mutex.Unlock()
	n.transport.notifications = append(n.transport.notifications, Notification{
		Topics:      n.settings.Topics,
		Priority:    oslo.Priority(priority),
		PublisherID: or(n.settings.PublisherID, ""),
		EventType:   message.Method,
		Context:     json.RawMessage(message.Context),
		Payload:     json.RawMessage(message.Args),
		Timeout:     limit,
	})
	return nil
}

func (n *notifier) Transport() string    { return n.name }
func (n *notifier) PublisherID() *string { return n.settings.PublisherID }
func (n *notifier) Topics() []string     { return n.settings.Topics }
func (n *notifier) Close()               { played.count(-1) }
