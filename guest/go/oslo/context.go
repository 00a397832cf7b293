package oslo

import (
	"context"
	"fmt"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// NewContext returns a context that carries a request context: what a method gets beside its
// arguments (in OpenStack: user, project, request id). It is what [encoding/json] makes an object
// of, as arguments are. A context without one sends an empty one.
//
// The context of a method or handler has that of its sender, which calls and casts hand on and notifications
// do not: in a notification everybody who listens would read it, a token among it.
func NewContext(ctx context.Context, request any) context.Context {
	return context.WithValue(ctx, requestContext{}, given{request})
}

// FromContext returns the request context that calls are made with: the one that [NewContext] put there, or
// else the sender's in a method or handler. It returns false if there is none.
func FromContext(ctx context.Context) (request any, ok bool) {
	request = ofCalls(ctx)
	return request, request != nil
}

// ofCalls is the request context of calls and casts.
func ofCalls(ctx context.Context) any {
	if _, isGiven := ctx.Value(requestContext{}).(given); isGiven {
		return ofNotifications(ctx)
	}
	return ctx.Value(host.Inherited{})
}

// ofNotifications is the request context of notifications, which nobody gets who was not meant to.
func ofNotifications(ctx context.Context) any {
	explicit, _ := ctx.Value(requestContext{}).(given)
	return explicit.request
}

type requestContext struct{}

// given is what a plugin said, which may be nil: none, in place of the sender's.
type given struct{ request any }

// cause is why a context is done: what its error is, and what it was cancelled with.
func cause(ctx context.Context) error {
	if why := context.Cause(ctx); why != nil && why != ctx.Err() {
		return fmt.Errorf("%w: %w", ctx.Err(), why)
	}
	return ctx.Err()
}

func canceled(ctx context.Context, outcome Outcome) error {
	return &CanceledError{Outcome: outcome, Err: cause(ctx)}
}

// shorten adds a timeout to settings if a context's deadline comes before that which holds.
func (c *Client) shorten(ctx context.Context, settings []host.Setting) ([]host.Setting, error) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return settings, nil
	}
	limit, err := c.limit(settings)
	if err != nil {
		return nil, err
	}
	if left := max(time.Until(deadline), 0); left < limit {
		settings = append(settings, host.Setting{Name: host.Timeout, Value: left})
	}
	return settings, nil
}

// limit is the timeout that holds with these settings.
func (c *Client) limit(settings []host.Setting) (time.Duration, error) {
	last := host.Setting{}
	for _, setting := range settings {
		if setting.Name == host.Timeout {
			last = setting
		}
	}
	if timeout, given := last.Value.(time.Duration); given {
		return timeout, nil
	}
	if last.Name == "" {
		return c.raw.Timeout(), nil
	}
	// Only a client that has gone back to the default knows it.
	client, err := c.raw.Prepare([]host.Setting{last})
	if err != nil {
		return 0, lift(err)
	}
	defer client.Close()
	return client.Timeout(), nil
}
