package export_wit_world

import (
	"errors"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// outcome is what came of a step.
type outcome map[string]any

// of is a value, or an error's detail.
func of(value any, err error) outcome {
	if err != nil {
		return outcome{"error": detail(err)}
	}
	return outcome{"ok": value}
}

// refuse is the outcome of what makes no sense.
func refuse(err error) outcome {
	return outcome{"error": map[string]any{"case": "script", "message": err.Error()}}
}

func detail(err error) map[string]any {
	// Its text is more than the exception's message.
	if e, ok := errors.AsType[*oslo.RemoteError](err); ok {
		return map[string]any{
			"case":        "remote",
			"type-name":   e.TypeName,
			"type-module": e.TypeModule,
			"message":     e.Message,
			"args":        e.Args,
			"kwargs":      e.Kwargs,
			"traceback":   append([]string{}, e.Traceback...),
		}
	}
	detail := fields(err)
	detail["message"] = err.Error()
	return detail
}

func fields(err error) map[string]any {
	if e, ok := errors.AsType[*oslo.TimeoutError](err); ok {
		return map[string]any{
			"case":        "timeout",
			"waiting-for": e.WaitingFor.String(),
			"outcome":     e.Outcome.String(),
			"limit":       e.Limit,
		}
	}
	if e, ok := errors.AsType[*oslo.NoSuchTargetError](err); ok {
		return map[string]any{
			"case": "no-such-target", "exchange": e.Exchange, "routing-key": e.RoutingKey,
		}
	}
	if e, ok := errors.AsType[*oslo.DeliveryError](err); ok {
		return map[string]any{"case": "delivery-failure", "outcome": e.Outcome.String()}
	}
	if e, ok := errors.AsType[*oslo.VersionCapError](err); ok {
		var version any
		if e.Version != "" {
			version = e.Version
		}
		return map[string]any{
			"case": "version-cap", "version": version, "version-cap": e.VersionCap,
		}
	}
	if _, ok := errors.AsType[*oslo.InvalidTargetError](err); ok {
		return map[string]any{"case": "invalid-target"}
	}
	if e, ok := errors.AsType[*oslo.InvalidArgumentError](err); ok {
		return map[string]any{"case": "invalid-argument", "argument": e.Argument}
	}
	if e, ok := errors.AsType[*oslo.AccessDeniedError](err); ok {
		return map[string]any{"case": "access-denied", "rule": e.Rule}
	}
	if e, ok := errors.AsType[*oslo.LimitExceededError](err); ok {
		return map[string]any{"case": "limit-exceeded", "limit": e.Limit}
	}
	if _, ok := errors.AsType[*oslo.InvalidReplyError](err); ok {
		return map[string]any{"case": "invalid-reply"}
	}
	if e, ok := errors.AsType[*oslo.OtherError](err); ok {
		return map[string]any{"case": "other", "outcome": e.Outcome.String()}
	}
	// What only this SDK says, in a form that no test expects.
	return map[string]any{"case": "of-the-sdk"}
}
