package oslo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// WasExecuted says whether it is certain that a server took the request and dealt with it.
func WasExecuted(err error) bool { return fateOf(err) == executed }

// MayHaveBeenExecuted says whether it is unknown if the method was, is or will be executed.
// Sending the request again may then execute it twice.
func MayHaveBeenExecuted(err error) bool { return fateOf(err) == unknown }

// TimeoutError says that time was up. It is also a [context.DeadlineExceeded] to [errors.Is].
type TimeoutError struct {
	// WaitingFor is what it was waiting for.
	WaitingFor WaitingFor
	// Delivery says whether the request may have been executed.
	Delivery Delivery
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
	// Delivery says whether the broker may have the message.
	Delivery Delivery
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

// InvalidArgumentError says that an argument or a setting is unusable; nothing was sent.
type InvalidArgumentError struct {
	// Argument is the argument or setting, such as args or version-cap.
	Argument string
	// Message is for people: what is wrong with it, and what would be right.
	Message string
}

func (e *InvalidArgumentError) Error() string { return e.Message }

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

// InvalidReplyError says that a reply came that is not what oslo.messaging sends, or that holds
// what JSON cannot. The method was executed.
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

// OtherError is anything that a later host finds to say.
type OtherError struct {
	// Message is for people.
	Message string
}

func (e *OtherError) Error() string { return e.Message }

// fate is what became of a request that failed.
type fate int

const (
	notExecuted fate = iota
	unknown
	executed
)

func fateOf(err error) fate {
	var remote *RemoteError
	var invalid *InvalidReplyError
	var unexpected *UnexpectedReplyError
	if errors.As(err, &remote) || errors.As(err, &invalid) || errors.As(err, &unexpected) {
		return executed
	}
	var timeout *TimeoutError
	var failure *DeliveryError
	if errors.As(err, &timeout) && timeout.Delivery == MaybeDelivered ||
		errors.As(err, &failure) && failure.Delivery == MaybeDelivered {
		return unknown
	}
	return notExecuted
}
