//go:build wasip1

package component

import (
	"math"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

func lowerTarget(target host.Target) oslo_messaging_types.Target {
	return oslo_messaging_types.Target{
		Exchange:  option(target.Exchange),
		Topic:     option(target.Topic),
		Namespace: option(target.Namespace),
		Version:   option(target.Version),
		Server:    option(target.Server),
		Fanout:    target.Fanout,
	}
}

func liftTarget(raw oslo_messaging_types.Target) host.Target {
	return host.Target{
		Exchange:  pointer(raw.Exchange),
		Topic:     pointer(raw.Topic),
		Namespace: pointer(raw.Namespace),
		Version:   pointer(raw.Version),
		Server:    pointer(raw.Server),
		Fanout:    raw.Fanout,
	}
}

// set sets a setting, which has a value of its type.
func set(options *rawOptions, setting host.Setting) {
	switch setting.Name {
	case host.Exchange:
		options.SetExchange(value[string](setting))
	case host.Topic:
		options.SetTopic(value[string](setting))
	case host.Namespace:
		options.SetNamespace(value[string](setting))
	case host.Version:
		options.SetVersion(value[string](setting))
	case host.Server:
		options.SetServer(value[string](setting))
	case host.Fanout:
		options.SetFanout(value[bool](setting))
	case host.Timeout:
		options.SetTimeout(nanoseconds(setting))
	case host.VersionCap:
		options.SetVersionCap(value[string](setting))
	case host.Retry:
		options.SetRetry(value[uint32](setting))
	case host.CallMonitorTimeout:
		options.SetCallMonitorTimeout(nanoseconds(setting))
	case host.Mandatory:
		options.SetMandatory(value[bool](setting))
	case host.ReplyBytes:
		options.SetReplyBytes(value[uint64](setting))
	}
}

func value[T any](setting host.Setting) wit_types.Option[T] {
	if given, ok := setting.Value.(T); ok {
		return wit_types.Some(given)
	}
	return wit_types.None[T]()
}

func nanoseconds(setting host.Setting) wit_types.Option[uint64] {
	if given, ok := setting.Value.(time.Duration); ok {
		return wit_types.Some(uint64(max(given, 0)))
	}
	return wit_types.None[uint64]()
}

func option[T any](given *T) wit_types.Option[T] {
	if given == nil {
		return wit_types.None[T]()
	}
	return wit_types.Some(*given)
}

func pointer[T any](raw wit_types.Option[T]) *T {
	if raw.IsNone() {
		return nil
	}
	return new(raw.Some())
}

// duration is at most what Go's durations can be, 292 years.
func duration(nanoseconds uint64) time.Duration {
	return time.Duration(min(nanoseconds, math.MaxInt64))
}

func lift[T any](raw result[T]) (value T, err *host.Error) {
	if raw.IsErr() {
		return value, liftError(raw.Err())
	}
	return raw.Ok(), nil
}

func liftError(raw rawError) *host.Error {
	switch raw.Tag() {
	case oslo_messaging_types.ErrorTimeout:
		e := raw.Timeout()
		return &host.Error{
			Case: host.CaseTimeout, Outcome: outcome(e.Outcome), WaitingFor: waitingFor(e.WaitingFor),
			Limit: duration(e.Limit), Message: e.Message,
		}
	case oslo_messaging_types.ErrorNoSuchTarget:
		e := raw.NoSuchTarget()
		return &host.Error{
			Case: host.CaseNoSuchTarget, Detail: e.Exchange, RoutingKey: e.RoutingKey,
			Message: e.Message,
		}
	case oslo_messaging_types.ErrorDeliveryFailure:
		e := raw.DeliveryFailure()
		return &host.Error{
			Case: host.CaseDeliveryFailure, Outcome: outcome(e.Outcome), Message: e.Message,
		}
	case oslo_messaging_types.ErrorRemote:
		e := raw.Remote()
		return &host.Error{
			Case: host.CaseRemote, TypeName: e.TypeName, TypeModule: e.TypeModule,
			Message: e.Message, Args: e.Args, Kwargs: e.Kwargs, Traceback: e.Traceback,
		}
	case oslo_messaging_types.ErrorVersionCap:
		e := raw.VersionCap()
		return &host.Error{
			Case: host.CaseVersionCap, Version: pointer(e.Version), Detail: e.VersionCap,
			Message: e.Message,
		}
	case oslo_messaging_types.ErrorInvalidTarget:
		return &host.Error{Case: host.CaseInvalidTarget, Message: raw.InvalidTarget().Message}
	case oslo_messaging_types.ErrorInvalidArgument:
		e := raw.InvalidArgument()
		return &host.Error{
			Case: host.CaseInvalidArgument, Detail: e.Argument, Message: e.Message,
		}
	case oslo_messaging_types.ErrorAccessDenied:
		e := raw.AccessDenied()
		return &host.Error{Case: host.CaseAccessDenied, Detail: e.Rule, Message: e.Message}
	case oslo_messaging_types.ErrorLimitExceeded:
		e := raw.LimitExceeded()
		return &host.Error{Case: host.CaseLimitExceeded, Detail: e.Limit, Message: e.Message}
	case oslo_messaging_types.ErrorInvalidReply:
		return &host.Error{Case: host.CaseInvalidReply, Message: raw.InvalidReply().Message}
	default:
		e := raw.Other()
		return &host.Error{Case: host.CaseOther, Outcome: outcome(e.Outcome), Message: e.Message}
	}
}

func outcome(raw uint8) host.Outcome {
	switch raw {
	case oslo_messaging_types.OutcomeNotExecuted:
		return host.NotExecuted
	case oslo_messaging_types.OutcomeExecuted:
		return host.Executed
	default:
		return host.Unknown
	}
}

func waitingFor(raw uint8) host.WaitingFor {
	switch raw {
	case oslo_messaging_types.WaitingForAdmission:
		return host.Admission
	case oslo_messaging_types.WaitingForConnection:
		return host.Connection
	case oslo_messaging_types.WaitingForConfirm:
		return host.Confirm
	case oslo_messaging_types.WaitingForReply:
		return host.Reply
	case oslo_messaging_types.WaitingForHeartbeat:
		return host.Heartbeat
	default:
		return host.Other
	}
}
