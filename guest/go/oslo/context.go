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
func NewContext(ctx context.Context, request any) context.Context {
	return context.WithValue(ctx, requestContext{}, request)
}

// FromContext returns the request context that [NewContext] put there, and false if there is none.
func FromContext(ctx context.Context) (request any, ok bool) {
	request = ctx.Value(requestContext{})
	return request, request != nil
}

type requestContext struct{}

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
