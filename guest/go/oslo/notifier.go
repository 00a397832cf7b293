package oslo

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Notifier tells whoever wants to know that something happened. What is sent before anybody listens is
// kept.
//
// [OpenNotifier] makes one. What a nil, zero or closed notifier is asked to do fails with
// [InvalidArgumentError], and its getters return zeros.
type Notifier struct {
	raw     host.Notifier
	timeout *time.Duration
	closed  atomic.Bool
}

// OpenNotifier returns a notifier of the transport that the host granted under this name, which says who
// it is, such as compute.host-1; empty says nothing. Nothing is connected or sent yet. Its options are
// [WithTopics], [WithTimeout] and [WithRetry], and those that go back to their defaults.
//
// It fails with [AccessDeniedError] when the host granted no transport of this name, with
// [LimitExceededError] when the plugin has too many clients and notifiers open or the topics are too many,
// and with [InvalidArgumentError] when a text or an option is unusable.
func OpenNotifier(transport, publisherID string, options ...Option) (*Notifier, error) {
	if host.Current == nil {
		return nil, noHost()
	}
	for _, argument := range []struct{ name, text string }{
		{"transport", transport}, {"publisher-id", publisherID},
	} {
		if err := checkText(argument.name, argument.text); err != nil {
			return nil, err
		}
	}
	notifier := &Notifier{}
	settings := host.NotifierSettings{}
	if publisherID != "" {
		settings.PublisherID = &publisherID
	}
	if err := notifier.set(&settings, options); err != nil {
		return nil, err
	}
	raw, err := host.Current.OpenNotifier(transport, settings)
	if err != nil {
		return nil, lift(err)
	}
	notifier.raw = raw
	return notifier, nil
}

// set sets what options say.
func (n *Notifier) set(settings *host.NotifierSettings, options []Option) error {
	for _, option := range options {
		switch name := option.setting.Name; name {
		case host.Topics:
			topics := append([]string{}, option.setting.Value.([]string)...)
			for _, topic := range topics {
				if err := checkText("topics", topic); err != nil {
					return err
				}
			}
			settings.Topics = topics
		case host.Timeout:
			n.timeout = valueIn[time.Duration](option)
		case host.Retry:
			settings.Retry = valueIn[uint32](option)
		case "":
			return invalid("options", "an option is made by a function such as WithTimeout")
		default:
			return invalid(string(name), "a notifier has WithTopics, WithTimeout and WithRetry, and no %s", name)
		}
	}
	return nil
}

func valueIn[T any](option Option) *T {
	if value, ok := option.setting.Value.(T); ok {
		return &value
	}
	return nil
}

// Notify sends a notification, and returns when the broker has it; the plugin's other goroutines wait as
// well, because the host holds its thread.
//
// The request context that [NewContext] puts into the context is what listeners get beside the payload: all
// of it is sent, so leave out what they must not see. Without one it is empty, in a method or handler as well:
// what its sender said, a token perhaps, goes into no notification unless NewContext is given it. A deadline
// counts like [WithTimeout], and the smaller of the two holds. The event type says what happened, such as
// compute.instance.create.end. The payload is what [encoding/json] makes JSON of, null of nil; a
// [json.RawMessage] is sent as it is.
//
// It fails as [Client.Cast] does, but never with [NoSuchTargetError], [VersionCapError] or
// [InvalidTargetError]; [NotExecuted] means that no topic has it, and [Unknown] that one may have it.
func (n *Notifier) Notify(ctx context.Context, priority Priority, eventType string, payload any) error {
	if err := n.check(); err != nil {
		return err
	}
	if err := priority.check(); err != nil {
		return err
	}
	if ctx.Err() == context.Canceled {
		return canceled(ctx, NotExecuted)
	}
	if err := checkText("event-type", eventType); err != nil {
		return err
	}
	request, err := object("context", ofNotifications(ctx))
	if err != nil {
		return err
	}
	told, err := text("payload", payload)
	if err != nil {
		return err
	}
	timeout := n.timeout
	if deadline, ok := ctx.Deadline(); ok {
		left := max(time.Until(deadline), 0)
		if timeout == nil || left < *timeout {
			timeout = &left
		}
	}
	message := host.Message{IsCast: true, Context: request, Method: eventType, Args: told}
	if failed := n.raw.Notify(message, string(priority), timeout); failed != nil {
		return lift(failed)
	}
	return nil
}

// Audit is [Notifier.Notify] with [PriorityAudit].
func (n *Notifier) Audit(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityAudit, eventType, payload)
}

// Debug is [Notifier.Notify] with [PriorityDebug].
func (n *Notifier) Debug(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityDebug, eventType, payload)
}

// Info is [Notifier.Notify] with [PriorityInfo].
func (n *Notifier) Info(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityInfo, eventType, payload)
}

// Warn is [Notifier.Notify] with [PriorityWarn].
func (n *Notifier) Warn(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityWarn, eventType, payload)
}

// Error is [Notifier.Notify] with [PriorityError].
func (n *Notifier) Error(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityError, eventType, payload)
}

// Critical is [Notifier.Notify] with [PriorityCritical].
func (n *Notifier) Critical(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PriorityCritical, eventType, payload)
}

// Sample is [Notifier.Notify] with [PrioritySample].
func (n *Notifier) Sample(ctx context.Context, eventType string, payload any) error {
	return n.Notify(ctx, PrioritySample, eventType, payload)
}

// Transport is the name that it was opened with.
func (n *Notifier) Transport() string {
	if n.check() != nil {
		return ""
	}
	return n.raw.Transport()
}

// PublisherID is who it says it is.
func (n *Notifier) PublisherID() string {
	if n.check() != nil {
		return ""
	}
	return textOf(n.raw.PublisherID())
}

// Topics are those that get what it sends.
func (n *Notifier) Topics() []string {
	if n.check() != nil {
		return nil
	}
	return n.raw.Topics()
}

// Close gives the notifier back to the host. It never fails, not the second time either, nor for a nil or
// zero notifier.
func (n *Notifier) Close() error {
	if n != nil && n.raw != nil && !n.closed.Swap(true) {
		n.raw.Close()
	}
	return nil
}

// check refuses a notifier that cannot be used.
func (n *Notifier) check() error {
	switch {
	case n == nil:
		return invalid("notifier", "the notifier is nil; OpenNotifier returns one")
	case n.raw == nil:
		return invalid("notifier", "the notifier is a zero Notifier; OpenNotifier returns one")
	case n.closed.Load():
		return invalid("notifier", "the notifier was closed")
	default:
		return nil
	}
}
