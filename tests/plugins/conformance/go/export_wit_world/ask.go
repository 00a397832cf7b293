package export_wit_world

import (
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// ask answers a step that sends nothing; false if it is none.
func ask(client *oslo.Client, step step) (outcome, bool) {
	switch step.Op {
	case "can-send-version":
		version := ""
		if step.Version != nil {
			version = *step.Version
		}
		can, err := client.CanSendVersion(version)
		return of(can, err), true
	case "describe":
		return of(describe(client), nil), true
	case "limits":
		limits := oslo.HostLimits()
		return of(map[string]any{
			"request-bytes":    limits.RequestBytes,
			"reply-bytes":      limits.ReplyBytes,
			"held-reply-bytes": limits.HeldReplyBytes,
			"calls-in-flight":  limits.CallsInFlight,
			"pending-calls":    limits.PendingCalls,
			"requests":         limits.Requests,
		}, nil), true
	case "remaining":
		left, limited := oslo.Remaining()
		return of(optional(left.Nanoseconds(), limited), nil), true
	case "transports":
		return of(append([]string{}, oslo.Transports()...), nil), true
	default:
		return nil, false
	}
}

func describe(client *oslo.Client) map[string]any {
	target := client.Target()
	retry, retries := client.Retry()
	monitor, monitors := client.CallMonitorTimeout()
	mandatory, said := client.Mandatory()
	text := func(text string) any { return optional(text, text != "") }
	return map[string]any{
		"transport": client.Transport(),
		"target": map[string]any{
			"exchange":  text(target.Exchange),
			"topic":     text(target.Topic),
			"namespace": text(target.Namespace),
			"version":   text(target.Version),
			"server":    text(target.Server),
			"fanout":    target.Fanout,
		},
		"timeout":              client.Timeout().Nanoseconds(),
		"version-cap":          text(client.VersionCap()),
		"retry":                optional(retry, retries),
		"call-monitor-timeout": optional(monitor.Nanoseconds(), monitors),
		"mandatory":            optional(mandatory, said),
		"reply-bytes":          client.ReplyBytes(),
	}
}

// optional is null if it is not there.
func optional[T any](value T, is bool) any {
	if !is {
		return nil
	}
	return value
}
