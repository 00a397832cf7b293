//go:build wasip1

// Package component is the host of a component, behind its bindings.
package component

import (
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_client"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_limits"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_notifier"
	rpc "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_rpc_poll"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

func init() { host.Current = component{} }

type (
	rawError      = oslo_messaging_types.Error
	rawOptions    = oslo_messaging_client.Options
	result[T any] = wit_types.Result[T, rawError]
)

type component struct{}

func (component) Open(
	transport string, target host.Target, settings []host.Setting,
) (host.Client, *host.Error) {
	return made(settings, func(options *rawOptions) result[*oslo_messaging_client.Client] {
		given := wit_types.None[*rawOptions]()
		if len(settings) > 0 {
			given = wit_types.Some(options)
		}
		return oslo_messaging_client.ClientOpen(transport, lowerTarget(target), given)
	})
}

func (component) Transports() []string { return hostCall(oslo_messaging_client.Transports) }

func (component) Limits() host.Limits {
	return hostCall(func() host.Limits {
		return host.Limits{
			RequestBytes:   oslo_messaging_limits.RequestBytes(),
			ReplyBytes:     oslo_messaging_limits.ReplyBytes(),
			HeldReplyBytes: oslo_messaging_limits.HeldReplyBytes(),
			CallsInFlight:  oslo_messaging_limits.CallsInFlight(),
			PendingCalls:   oslo_messaging_limits.PendingCalls(),
			Requests:       oslo_messaging_limits.Requests(),
		}
	})
}

func (component) Remaining() (time.Duration, bool) {
	left := hostCall(oslo_messaging_limits.Remaining)
	if left.IsNone() {
		return 0, false
	}
	return duration(left.Some()), true
}

func (component) OpenNotifier(
	transport string, settings host.NotifierSettings,
) (host.Notifier, *host.Error) {
	raw, err := lift(hostCall(func() result[*oslo_messaging_notifier.Notifier] {
		return oslo_messaging_notifier.NotifierOpen(transport, option(settings.PublisherID))
	}))
	if err != nil {
		return nil, err
	}
	if settings.Topics != nil {
		_, err := lift(hostCall(func() result[wit_types.Unit] {
			return raw.SetTopics(wit_types.Some(settings.Topics))
		}))
		if err != nil {
			raw.Drop()
			return nil, err
		}
	}
	if settings.Retry != nil {
		raw.SetRetry(option(settings.Retry))
	}
	return notifier{raw}, nil
}

// client is one of the host's.
type client struct{ raw *oslo_messaging_client.Client }

// made is the client that a call to the host makes with settings.
func made(
	settings []host.Setting, call func(*rawOptions) result[*oslo_messaging_client.Client],
) (host.Client, *host.Error) {
	raw, err := lift(withOptions(settings, call))
	if err != nil {
		return nil, err
	}
	return client{raw}, nil
}

// withOptions makes a call to the host with options that have these settings, and gives them back.
func withOptions[T any](settings []host.Setting, call func(*rawOptions) T) T {
	return hostCall(func() T {
		options := oslo_messaging_client.MakeOptions()
		defer options.Drop()
		for _, setting := range settings {
			set(options, setting)
		}
		return call(options)
	})
}

func (c client) Prepare(settings []host.Setting) (host.Client, *host.Error) {
	return made(settings, c.raw.Prepare)
}

func (c client) CanSendVersion(version *string) (bool, *host.Error) {
	return lift(hostCall(func() result[bool] { return c.raw.CanSendVersion(option(version)) }))
}

func (c client) Start(message host.Message, settings []host.Setting) (host.Pending, *host.Error) {
	start := rpc.StartCall
	if message.IsCast {
		start = rpc.StartCast
	}
	send := func(options wit_types.Option[*rawOptions]) result[*rpc.Pending] {
		return start(c.raw, message.Context, message.Method, message.Args, options)
	}
	var started result[*rpc.Pending]
	if len(settings) == 0 {
		started = hostCall(func() result[*rpc.Pending] {
			return send(wit_types.None[*rawOptions]())
		})
	} else {
		started = withOptions(settings, func(options *rawOptions) result[*rpc.Pending] {
			return send(wit_types.Some(options))
		})
	}
	raw, err := lift(started)
	if err != nil {
		return nil, err
	}
	return &pending{raw: raw, pollable: hostCall(raw.Subscribe)}, nil
}

func (c client) Transport() string      { return hostCall(c.raw.Transport) }
func (c client) Target() host.Target    { return liftTarget(hostCall(c.raw.Target)) }
func (c client) Timeout() time.Duration { return duration(hostCall(c.raw.Timeout)) }
func (c client) VersionCap() *string    { return pointer(hostCall(c.raw.VersionCap)) }
func (c client) Retry() *uint32         { return pointer(hostCall(c.raw.Retry)) }
func (c client) Mandatory() *bool       { return pointer(hostCall(c.raw.Mandatory)) }
func (c client) ReplyBytes() uint64     { return hostCall(c.raw.ReplyBytes) }
func (c client) Close()                 { c.raw.Drop() }

func (c client) CallMonitorTimeout() *time.Duration {
	raw := hostCall(c.raw.CallMonitorTimeout)
	if raw.IsNone() {
		return nil
	}
	return new(duration(raw.Some()))
}
