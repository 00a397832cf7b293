// Package host is what the SDK asks of whoever sends its messages: the host of a component, or a test
// that plays one.
package host

import "time"

// Current is the one that this program has; nil if it has none.
var Current Host

// Host grants transports.
type Host interface {
	// Open returns a client of a transport.
	Open(transport string, target Target, settings []Setting) (Client, *Error)
	// OpenNotifier returns a notifier of a transport.
	OpenNotifier(transport string, settings NotifierSettings) (Notifier, *Error)
	// Transports returns the names of those that are granted.
	Transports() []string
	// Limits returns what is allowed.
	Limits() Limits
	// Remaining returns what is left of this invocation, and false without a limit.
	Remaining() (time.Duration, bool)
	// Wait returns when one of these has ended, or done is closed; sooner does no harm. None of them
	// was dropped, and nil in done's place is never closed.
	Wait(done <-chan struct{}, pendings []Pending)
}

// Client sends messages to one target.
type Client interface {
	Prepare(settings []Setting) (Client, *Error)
	CanSendVersion(version *string) (bool, *Error)
	// Start starts a message.
	Start(message Message, settings []Setting) (Pending, *Error)
	Transport() string
	Target() Target
	Timeout() time.Duration
	VersionCap() *string
	Retry() *uint32
	CallMonitorTimeout() *time.Duration
	Mandatory() *bool
	ReplyBytes() uint64
	// Close gives it back. It is called once.
	Close()
}

// Pending is a message in flight.
type Pending interface {
	// Take returns its end once, and false while there is none.
	Take() (text string, err *Error, ended bool)
	// Drop gives it back, and cancels it if it has not ended. It is called once.
	Drop()
}

// Message is a call or a cast.
type Message struct {
	IsCast                bool
	Context, Method, Args string
}

// Target says where a message goes; nil is not set.
type Target struct {
	Exchange, Topic, Namespace, Version, Server *string
	Fanout                                      bool
}

// Setting is one of a client's settings.
type Setting struct {
	Name Name
	// Value is a string, bool, uint32, uint64 or time.Duration; nil: given none.
	Value any
}

// Name is that of a setting in the WIT package.
type Name string

// The names of settings.
const (
	Exchange           Name = "exchange"
	Topic              Name = "topic"
	Namespace          Name = "namespace"
	Version            Name = "version"
	Server             Name = "server"
	Fanout             Name = "fanout"
	Timeout            Name = "timeout"
	VersionCap         Name = "version-cap"
	Retry              Name = "retry"
	CallMonitorTimeout Name = "call-monitor-timeout"
	Mandatory          Name = "mandatory"
	ReplyBytes         Name = "reply-bytes"
	// Topics is one of notifiers, whose value is a []string.
	Topics Name = "topics"
)

// Limits are what the host allows.
type Limits struct {
	RequestBytes, ReplyBytes, HeldReplyBytes uint64
	CallsInFlight, PendingCalls, Requests    uint32
}

// Error is why something failed: a case of the WIT package, with the fields of all records.
type Error struct {
	Case       Case
	Outcome    Outcome
	WaitingFor WaitingFor
	Limit      time.Duration
	Message    string
	// Detail is the argument, rule, limit, exchange or version cap, whichever the case has.
	Detail string
	// RoutingKey is that of a missing target.
	RoutingKey string
	// Version is that which does not fit the cap; nil if the target has none.
	Version              *string
	TypeName, TypeModule string
	Args, Kwargs         string
	Traceback            []string
}

// Case is one of an error.
type Case uint8

// The cases.
const (
	CaseTimeout Case = iota
	CaseNoSuchTarget
	CaseDeliveryFailure
	CaseRemote
	CaseVersionCap
	CaseInvalidTarget
	CaseInvalidArgument
	CaseAccessDenied
	CaseLimitExceeded
	CaseInvalidReply
	CaseOther
)

// Outcome says what is known about a method.
type Outcome uint8

// The outcomes.
const (
	NoOutcome Outcome = iota
	NotExecuted
	Unknown
	Executed
)

// WaitingFor is what a message waited for.
type WaitingFor uint8

// What it can be.
const (
	Admission WaitingFor = iota
	Connection
	Confirm
	Reply
	Heartbeat
	Other
)
