//go:build wasip1

package component

import (
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_notification"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_notifier"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// notifier is one of the host's.
type notifier struct {
	raw *oslo_messaging_notifier.Notifier
}

func (n notifier) Notify(
	message host.Message, priority string, timeout *time.Duration,
) *host.Error {
	_, err := lift(hostCall(func() result[wit_types.Unit] {
		n.raw.SetTimeout(optionalNanoseconds(timeout))
		return oslo_messaging_notifier.Notify(
			n.raw, priority, message.Context, message.Method, message.Args)
	}))
	return err
}

func (n notifier) Transport() string    { return hostCall(n.raw.Transport) }
func (n notifier) PublisherID() *string { return pointer(hostCall(n.raw.PublisherId)) }
func (n notifier) Topics() []string     { return hostCall(n.raw.Topics) }
func (n notifier) Close()               { n.raw.Drop() }

// Filter is a filter as the host takes it.
func Filter(filter host.Filter) *oslo_messaging_notification.Filter {
	return hostCall(func() *oslo_messaging_notification.Filter {
		raw := oslo_messaging_notification.MakeFilter()
		for _, priority := range filter.Priorities {
			raw.AddPriority(priority)
		}
		if filter.PublisherID != nil {
			raw.SetPublisherId(*filter.PublisherID)
		}
		if filter.EventType != nil {
			raw.SetEventType(*filter.EventType)
		}
		for name, regex := range filter.Context {
			raw.AddContext(name, regex)
		}
		for name, regex := range filter.Metadata {
			raw.AddMetadata(name, regex)
		}
		for name, regex := range filter.Payload {
			raw.AddPayload(name, regex)
		}
		return raw
	})
}

// Notification is everything that the host says of a notification, which it has back then.
func Notification(raw *oslo_messaging_notification.Notification) host.Notification {
	defer raw.Drop()
	return host.Notification{
		Priority:    hostCall(raw.Priority),
		PublisherID: pointer(hostCall(raw.PublisherId)),
		EventType:   pointer(hostCall(raw.EventType)),
		MessageID:   pointer(hostCall(raw.MessageId)),
		Timestamp:   pointer(hostCall(raw.Timestamp)),
		Context:     hostCall(raw.Context),
		Payload:     hostCall(raw.Payload),
		Redelivered: hostCall(raw.Redelivered),
	}
}
