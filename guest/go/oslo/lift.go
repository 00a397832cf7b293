package oslo

import (
	"encoding/json"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// lift makes an error of this package of one of the host's.
func lift(raw *host.Error) error {
	outcome := Outcome(raw.Outcome)
	switch raw.Case {
	case host.CaseTimeout:
		return &TimeoutError{WaitingFor(raw.WaitingFor), outcome, raw.Limit, raw.Message}
	case host.CaseNoSuchTarget:
		return &NoSuchTargetError{raw.Detail, raw.RoutingKey, raw.Message}
	case host.CaseDeliveryFailure:
		return &DeliveryError{outcome, raw.Message}
	case host.CaseRemote:
		return &RemoteError{
			TypeName:   raw.TypeName,
			TypeModule: raw.TypeModule,
			Message:    raw.Message,
			Args:       json.RawMessage(raw.Args),
			Kwargs:     json.RawMessage(raw.Kwargs),
			Traceback:  raw.Traceback,
		}
	case host.CaseVersionCap:
		return &VersionCapError{textOf(raw.Version), raw.Detail, raw.Message}
	case host.CaseInvalidTarget:
		return &InvalidTargetError{raw.Message}
	case host.CaseInvalidArgument:
		return &InvalidArgumentError{Argument: raw.Detail, Message: raw.Message}
	case host.CaseAccessDenied:
		return &AccessDeniedError{raw.Detail, raw.Message}
	case host.CaseLimitExceeded:
		return &LimitExceededError{raw.Detail, raw.Message}
	case host.CaseInvalidReply:
		return &InvalidReplyError{raw.Message}
	default:
		return &OtherError{outcome, raw.Message}
	}
}
