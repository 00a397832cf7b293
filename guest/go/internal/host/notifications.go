package host

import "time"

// Notifier sends notifications.
type Notifier interface {
	// Notify sends one, and returns when the broker has it. Nil as timeout is the transport's.
	Notify(notification Message, priority string, timeout *time.Duration) *Error
	Transport() string
	PublisherID() *string
	Topics() []string
	// Close gives it back. It is called once.
	Close()
}

// NotifierSettings are what is set of a notifier; nil is not set.
type NotifierSettings struct {
	PublisherID *string
	Topics      []string
	Retry       *uint32
}

// Listening is what handles this program's notifications; nil if nothing does.
var Listening Listener

// Listener handles notifications.
type Listener interface {
	// Filter returns which it wants. It panics when it cannot handle any.
	Filter() Filter
	// Handle handles one, and says whether it should come again.
	Handle(notification Notification) (again bool)
}

// Filter says which notifications are wanted; nil is not set.
type Filter struct {
	Priorities                 []string
	PublisherID, EventType     *string
	Context, Metadata, Payload map[string]string
}

// Notification is one that has come; nil is not there.
type Notification struct {
	Priority                                     string
	PublisherID, EventType, MessageID, Timestamp *string
	Context, Payload                             string
	Redelivered                                  bool
}
