package oslo

import (
	"encoding/json"
	"math"
	"time"

	"go.bytecodealliance.org/pkg/wit/types"
	wit "oslo.messaging/bindings/oslo_messaging_types"
)

type (
	rawError      = wit.Error
	result[T any] = wit_types.Result[T, rawError]
	unit          = wit_types.Unit
)

// fallible makes a call to the host that gives a value or an error.
func fallible[T any](call func() result[T]) (value T, err error) {
	hostCall(func() { value, err = lift(call()) })
	return value, err
}

func lift[T any](result result[T]) (value T, err error) {
	if result.IsErr() {
		return value, liftError(result.Err())
	}
	return result.Ok(), nil
}

func liftError(raw wit.Error) error {
	switch raw.Tag() {
	case wit.ErrorTimeout:
		e := raw.Timeout()
		return &TimeoutError{
			WaitingFor: WaitingFor(e.WaitingFor),
			Delivery:   Delivery(e.Delivery),
			Limit:      duration(e.Limit),
			Message:    e.Message,
		}
	case wit.ErrorNoSuchTarget:
		e := raw.NoSuchTarget()
		return &NoSuchTargetError{e.Exchange, e.RoutingKey, e.Message}
	case wit.ErrorDeliveryFailure:
		e := raw.DeliveryFailure()
		return &DeliveryError{Delivery(e.Delivery), e.Message}
	case wit.ErrorRemote:
		e := raw.Remote()
		return &RemoteError{
			Class:     e.Class,
			Module:    e.Module,
			Message:   e.Message,
			Args:      json.RawMessage(e.Args),
			Kwargs:    json.RawMessage(e.Kwargs),
			Traceback: e.Traceback,
		}
	case wit.ErrorVersionCap:
		e := raw.VersionCap()
		return &VersionCapError{e.Version.SomeOr(""), e.VersionCap, e.Message}
	case wit.ErrorInvalidTarget:
		return &InvalidTargetError{raw.InvalidTarget()}
	case wit.ErrorInvalidArgument:
		e := raw.InvalidArgument()
		return &InvalidArgumentError{e.Argument, e.Message}
	case wit.ErrorAccessDenied:
		e := raw.AccessDenied()
		return &AccessDeniedError{e.Rule, e.Message}
	case wit.ErrorLimitExceeded:
		e := raw.LimitExceeded()
		return &LimitExceededError{e.Limit, e.Message}
	case wit.ErrorInvalidReply:
		return &InvalidReplyError{raw.InvalidReply()}
	default:
		return &OtherError{raw.Other()}
	}
}

// duration is at most what Go's durations can be, 292 years.
func duration(nanoseconds uint64) time.Duration {
	return time.Duration(min(nanoseconds, math.MaxInt64))
}
