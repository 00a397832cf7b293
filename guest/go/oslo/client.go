package oslo

import (
	"sync/atomic"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Client calls methods of oslo.messaging servers. The host keeps the connections, so a client is
// cheap to make and to close.
//
// [Open] makes one. What a nil, zero or closed client is asked to do fails with
// [InvalidArgumentError], and its getters return zeros.
type Client struct {
	raw    host.Client
	closed atomic.Bool
}

// Open returns a client of the transport that the host granted under this name, with these options
// as its settings. Nothing is connected or sent yet. What an option says about the target wins over
// the target.
//
// It fails with [AccessDeniedError] when the host granted no transport of this name, with
// [LimitExceededError] when the plugin has too many clients open, and with [InvalidArgumentError]
// when the target or an option is unusable. Outside of a component it needs a test that plays the
// transport, as the package oslotest does, and fails with [OtherError] without one.
func Open(transport string, target Target, options ...Option) (*Client, error) {
	if host.Current == nil {
		return nil, noHost()
	}
	if err := checkText("transport", transport); err != nil {
		return nil, err
	}
	rawTarget, err := target.lower()
	if err != nil {
		return nil, err
	}
	settings, err := lower(options)
	if err != nil {
		return nil, err
	}
	return opened(host.Current.Open(transport, rawTarget, settings))
}

func noHost() error {
	return &OtherError{
		Outcome: NotExecuted,
		Message: "there is no host outside of a component; a test plays one with oslotest.Grant",
	}
}

func opened(raw host.Client, err *host.Error) (*Client, error) {
	if err != nil {
		return nil, lift(err)
	}
	return &Client{raw: raw}, nil
}

// Prepare returns a copy of this client with some settings replaced, which is to be closed. This
// client stays as it is, and either may be closed first. For one message its own options do.
//
// It fails with [InvalidArgumentError] when an option is unusable, such as a version that is not
// major.minor, and with [LimitExceededError] when the plugin has too many clients open.
func (c *Client) Prepare(options ...Option) (*Client, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	settings, err := lower(options)
	if err != nil {
		return nil, err
	}
	return opened(c.raw.Prepare(settings))
}

// Close gives the client back to the host. Clients prepared from it, and calls in flight, stay as they
// are. It never fails, not the second time either, nor for a nil or zero client. A client that is not
// closed is given back when the garbage collector finds it, which may be never.
func (c *Client) Close() error {
	if c != nil && c.raw != nil && !c.closed.Swap(true) {
		c.raw.Close()
	}
	return nil
}

// CanSendVersion says whether a message of this version would pass the client's version cap; an
// empty one stands for the version of the client's target. It fails with [InvalidArgumentError] when
// the version is not major.minor.
func (c *Client) CanSendVersion(version string) (bool, error) {
	if err := c.check(); err != nil {
		return false, err
	}
	if err := checkText("version", version); err != nil {
		return false, err
	}
	asked := &version
	if version == "" {
		asked = nil
	}
	can, err := c.raw.CanSendVersion(asked)
	if err != nil {
		return false, lift(err)
	}
	return can, nil
}

// Transport is the name that it was opened with.
func (c *Client) Transport() string {
	if c.check() != nil {
		return ""
	}
	return c.raw.Transport()
}

// Target is where its messages go, with everything that options replaced.
func (c *Client) Target() Target {
	if c.check() != nil {
		return Target{}
	}
	return liftTarget(c.raw.Target())
}

// Timeout is how long its calls and casts may take, never more than the host allows.
func (c *Client) Timeout() time.Duration {
	if c.check() != nil {
		return 0
	}
	return c.raw.Timeout()
}

// VersionCap is the highest version that it sends; empty without a cap.
func (c *Client) VersionCap() string {
	if c.check() != nil {
		return ""
	}
	return textOf(c.raw.VersionCap())
}

// Retry is how many times a failed attempt to connect is repeated; false: until the timeout.
func (c *Client) Retry() (times uint32, ok bool) {
	if c.check() != nil {
		return 0, false
	}
	return valueOf(c.raw.Retry())
}

// CallMonitorTimeout is how long its calls wait for a sign of life; false: they are not monitored.
func (c *Client) CallMonitorTimeout() (timeout time.Duration, ok bool) {
	if c.check() != nil {
		return 0, false
	}
	return valueOf(c.raw.CallMonitorTimeout())
}

// Mandatory is what [WithMandatory] said; false as ok: nothing, so that calls are and casts are not.
func (c *Client) Mandatory() (mandatory, ok bool) {
	if c.check() != nil {
		return false, false
	}
	return valueOf(c.raw.Mandatory())
}

// ReplyBytes is the largest reply that it takes.
func (c *Client) ReplyBytes() uint64 {
	if c.check() != nil {
		return 0
	}
	return c.raw.ReplyBytes()
}

func valueOf[T any](value *T) (given T, ok bool) {
	if value == nil {
		return given, false
	}
	return *value, true
}

// check refuses a client that cannot be used.
func (c *Client) check() error {
	switch {
	case c == nil:
		return invalid("client", "the client is nil; Open returns one")
	case c.raw == nil:
		return invalid("client", "the client is a zero Client; Open returns one")
	case c.closed.Load():
		return invalid("client", "the client was closed")
	default:
		return nil
	}
}
