package oslo

import (
	"context"
	"fmt"
	"time"

	wit "oslo.messaging/bindings/oslo_messaging_rpc_client"
)

// NewContext returns a context that carries a request context: what a method gets beside its
// arguments (in OpenStack: user, project, request id). It is what [encoding/json] makes an object
// of, as arguments are. A context without one sends an empty one.
func NewContext(ctx context.Context, request any) context.Context {
	return context.WithValue(ctx, requestContext{}, request)
}

type requestContext struct{}

// Remaining returns what is left of the time that the host gave to this invocation of the plugin,
// and false when it set no limit. A call never takes longer than this, whatever its timeout says.
func Remaining() (time.Duration, bool) {
	var left time.Duration
	var limited bool
	hostCall(func() {
		if remaining := wit.Remaining(); remaining.IsSome() {
			left, limited = duration(remaining.Some()), true
		}
	})
	return left, limited
}

// checkContext refuses what nobody waits for any more. That a deadline has passed is left to the
// host, which says so as for any timeout.
func checkContext(ctx context.Context) error {
	if err := ctx.Err(); err == context.Canceled {
		return fmt.Errorf("nothing was sent: %w", context.Cause(ctx))
	}
	return nil
}

// limit is a timeout, if there is one.
type limit struct {
	timeout time.Duration
	known   bool
}

// with returns what the limit becomes with these settings.
func (l limit) with(settings []Setting) limit {
	for _, setting := range settings {
		if setting.name == keyTimeout {
			l.timeout, l.known = setting.value.(time.Duration)
		}
	}
	return l
}

// shorten adds a timeout to settings if a context's deadline comes before the limit.
func (l limit) shorten(ctx context.Context, settings []Setting) []Setting {
	deadline, ok := ctx.Deadline()
	if !ok {
		return settings
	}
	left := max(time.Until(deadline), 0)
	if l.known && l.timeout <= left {
		return settings
	}
	return append(settings[:len(settings):len(settings)], Timeout(left))
}
