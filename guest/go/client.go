package oslo

import (
	"context"

	wit "oslo.messaging/bindings/oslo_messaging_rpc_client"
)

// Client calls methods of oslo.messaging servers, and waits for each. The host keeps the
// connections, so a client is cheap to make and to close.
type Client struct {
	raw *wit.Client
	// The timeout that it was given, if it was: a context's deadline may only shorten it.
	timeout limit
}

// Open returns a client of the transport that the host granted under this name, with defaults of
// its own. Nothing is connected or sent yet.
//
// It fails with [AccessDeniedError] when the host granted no transport of this name, with
// [LimitExceededError] when the plugin has too many clients open, and with [InvalidArgumentError]
// when a setting is unusable.
func Open(transport string, target Target, settings ...Setting) (*Client, error) {
	if err := checkText("transport", transport); err != nil {
		return nil, err
	}
	rawTarget, err := target.lower()
	if err != nil {
		return nil, err
	}
	list, err := lowerSettings(settings)
	if err != nil {
		return nil, err
	}
	raw, err := fallible(func() result[*wit.Client] {
		return wit.ClientOpen(transport, rawTarget, list)
	})
	if err != nil {
		return nil, err
	}
	return &Client{raw, limit{}.with(settings)}, nil
}

// Close gives the client back to the host. Clients prepared from it stay as they are. A client
// that is not closed is given back when the garbage collector finds it, which may be never.
func (c *Client) Close() error {
	c.raw.Drop()
	return nil
}

// Prepare overrides settings for a message, or for a client of its own. This client stays as it
// is.
func (c *Client) Prepare(settings ...Setting) *Prepared {
	return &Prepared{c, settings}
}

// Call calls a method and waits for its result, which is put into the value that reply points to,
// as [encoding/json] does it. Nil drops the result; a *[json.RawMessage] gets it as it came.
//
// The arguments are what encoding/json makes an object of: a struct or a map by names. Nil stands
// for none; a [json.RawMessage] is sent as it is. The method is executed at most once.
//
// Every error of this package may come back; [UnexpectedReplyError] when the result is not of the
// type that is wanted.
func (c *Client) Call(ctx context.Context, method string, args, reply any) error {
	return c.Prepare().Call(ctx, method, args, reply)
}

// Cast asks for a method to be executed, and returns when the broker has the message.
//
// No result and no exception ever comes back, and success does not say that a server has seen it.
// With a fanout target every server of the topic gets it.
func (c *Client) Cast(ctx context.Context, method string, args any) error {
	return c.Prepare().Cast(ctx, method, args)
}

// CanSendVersion says whether a message of this version would pass the client's version cap; with
// none given, the version of the client's target. It fails with [InvalidArgumentError] when the
// version is not major.minor.
func (c *Client) CanSendVersion(version ...string) (bool, error) {
	if len(version) > 1 {
		return false, invalid("version", "one version at a time, not %d", len(version))
	}
	asked, err := lowerVersion(version)
	if err != nil {
		return false, err
	}
	return fallible(func() result[bool] { return c.raw.CanSendVersion(asked) })
}

func (c *Client) call(message message, reply any) error {
	text, err := fallible(func() result[string] {
		return c.raw.Call(message.context, message.method, message.args)
	})
	if err != nil {
		return err
	}
	return decode(text, reply)
}

func (c *Client) cast(message message) error {
	_, err := fallible(func() result[unit] {
		return c.raw.Cast(message.context, message.method, message.args)
	})
	return err
}
