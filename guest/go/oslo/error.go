package oslo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// TimeoutError says that time was up. It is also a [context.DeadlineExceeded] to [errors.Is].
type TimeoutError struct {
	// WaitingFor is what it was waiting for.
	WaitingFor WaitingFor
	// Outcome says whether the request may have been executed: NotExecuted or Unknown.
	Outcome Outcome
	// Limit is the one that was reached, which may be shorter than what was asked for.
	Limit time.Duration
	// Message is for people.
	Message string
}

func (e *TimeoutError) Error() string { return e.Message }

// Is makes the error one with what other packages return when time is up.
func (e *TimeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout is true, for those who ask any error that way.
func (e *TimeoutError) Timeout() bool { return true }

// NoSuchTargetError says that no server's queue exists that would take the message: nobody was
// there.
type NoSuchTargetError struct {
	// Exchange is the one that the message was sent to.
	Exchange string
	// RoutingKey is topic or topic.server: no queue is bound to it.
	RoutingKey string
	// Message is for people.
	Message string
}

func (e *NoSuchTargetError) Error() string { return e.Message }

// DeliveryError says that the message could not be handed to the broker, or that it is unknown
// whether it was.
type DeliveryError struct {
	// Outcome says whether the broker, and so a server, may have the message: NotExecuted or Unknown.
	Outcome Outcome
	// Message is for people.
	Message string
}

func (e *DeliveryError) Error() string { return e.Message }

// VersionCapError says that the target's version does not fit the client's version cap; nothing
// was sent.
type VersionCapError struct {
	// Version is the target's; empty if it has none.
	Version string
	// VersionCap is the cap that it does not fit.
	VersionCap string
	// Message is for people.
	Message string
}

func (e *VersionCapError) Error() string { return e.Message }

// InvalidTargetError says that the target cannot be sent to: no topic, or a call with fanout.
type InvalidTargetError struct {
	// Message is for people.
	Message string
}

func (e *InvalidTargetError) Error() string { return e.Message }

// InvalidArgumentError says that an argument or an option is unusable; nothing was sent.
type InvalidArgumentError struct {
	// Argument is the argument or option, such as args or version-cap.
	Argument string
	// Message is for people: what is wrong with it, and what would be right.
	Message string
	// Err is why it is unusable, where somebody else says so, such as [encoding/json]; it may be nil.
	Err error
}

func (e *InvalidArgumentError) Error() string { return e.Message }

// Unwrap returns why it is unusable.
func (e *InvalidArgumentError) Unwrap() error { return e.Err }

// AccessDeniedError says that the host's policy does not let this plugin do this; nothing was
// sent.
type AccessDeniedError struct {
	// Rule is the operator's that decided, or default when no rule allowed it.
	Rule string
	// Message is for people.
	Message string
}

func (e *AccessDeniedError) Error() string { return e.Message }

// LimitExceededError says that a limit that the host set on this plugin was reached; nothing was
// sent.
type LimitExceededError struct {
	// Limit is its name, such as request-bytes.
	Limit string
	// Message is for people: the limit's value and what was asked.
	Message string
}

func (e *LimitExceededError) Error() string { return e.Message }

// InvalidReplyError says that a reply came that is not what oslo.messaging sends, that holds what
// JSON cannot, or that is larger than may be. The method was executed.
type InvalidReplyError struct {
	// Message is for people.
	Message string
}

func (e *InvalidReplyError) Error() string { return e.Message }

// UnexpectedReplyError says that the method was executed and its result is not of the type that
// the caller wants.
type UnexpectedReplyError struct {
	// Wanted is the type that was to be made of it.
	Wanted string
	// Reply is the result.
	Reply json.RawMessage
	// Err is what [encoding/json] says.
	Err error
}

func (e *UnexpectedReplyError) Error() string {
	return fmt.Sprintf("the reply does not fit `%s`: %v", e.Wanted, e.Err)
}

// Unwrap returns what encoding/json says.
func (e *UnexpectedReplyError) Unwrap() error { return e.Err }

// OtherError is anything else. Nothing but its outcome can be relied on.
type OtherError struct {
	// Outcome says whether the method was executed.
	Outcome Outcome
	// Message is for people.
	Message string
}

func (e *OtherError) Error() string { return e.Message }

// CanceledError says that the context was cancelled. It is a [context.Canceled] to [errors.Is], and
// whatever the context was cancelled with.
type CanceledError struct {
	// Outcome says whether the request may have been executed: not if it was not sent yet.
	Outcome Outcome
	// Err is the context's error, and its cause.
	Err error
}

func (e *CanceledError) Error() string {
	if e.Outcome == NotExecuted {
		return fmt.Sprintf("nothing was sent: %v", e.Err)
	}
	return fmt.Sprintf("it was sent, and nobody waits for it any more: %v", e.Err)
}

// Unwrap returns the context's error, and its cause.
func (e *CanceledError) Unwrap() error { return e.Err }

func (e *TimeoutError) outcome() Outcome         { return e.Outcome }
func (e *NoSuchTargetError) outcome() Outcome    { return NotExecuted }
func (e *DeliveryError) outcome() Outcome        { return e.Outcome }
func (e *RemoteError) outcome() Outcome          { return Executed }
func (e *VersionCapError) outcome() Outcome      { return NotExecuted }
func (e *InvalidTargetError) outcome() Outcome   { return NotExecuted }
func (e *InvalidArgumentError) outcome() Outcome { return NotExecuted }
func (e *AccessDeniedError) outcome() Outcome    { return NotExecuted }
func (e *LimitExceededError) outcome() Outcome   { return NotExecuted }
func (e *InvalidReplyError) outcome() Outcome    { return Executed }
func (e *UnexpectedReplyError) outcome() Outcome { return Executed }
func (e *OtherError) outcome() Outcome           { return e.Outcome }
func (e *CanceledError) outcome() Outcome        { return e.Outcome }
