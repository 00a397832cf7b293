package oslo

import (
	"context"
	"slices"

	wit "oslo.messaging/bindings/oslo_messaging_rpc_client"
)

// Prepared is a client with some settings overridden, made by [Client.Prepare].
//
// [Prepared.Call] and [Prepared.Cast] work on it directly; [Prepared.Client] makes a client of its
// own of it, for settings that are used often. What is wrong with a setting comes to light then.
type Prepared struct {
	client   *Client
	settings []Setting
}

// Prepare overrides more settings.
func (p *Prepared) Prepare(settings ...Setting) *Prepared {
	return &Prepared{p.client, slices.Concat(p.settings, settings)}
}

// Client returns a client of its own with these settings, which is to be closed.
//
// It fails with [InvalidArgumentError] when a setting is unusable, such as a version that is not
// major.minor, and with [LimitExceededError] when the plugin has too many clients open.
func (p *Prepared) Client() (*Client, error) {
	list, err := lowerSettings(p.settings)
	if err != nil {
		return nil, err
	}
	raw, err := fallible(func() result[*wit.Client] { return p.client.raw.Prepare(list) })
	if err != nil {
		return nil, err
	}
	return &Client{raw, p.client.timeout.with(p.settings)}, nil
}

// Call calls a method with these settings; see [Client.Call].
func (p *Prepared) Call(ctx context.Context, method string, args, reply any) error {
	if err := checkReply(reply); err != nil {
		return err
	}
	message, err := encode(ctx, method, args)
	if err != nil {
		return err
	}
	return p.send(ctx, func(client *Client) error { return client.call(message, reply) })
}

// Cast casts with these settings; see [Client.Cast].
func (p *Prepared) Cast(ctx context.Context, method string, args any) error {
	message, err := encode(ctx, method, args)
	if err != nil {
		return err
	}
	return p.send(ctx, func(client *Client) error { return client.cast(message) })
}

// CanSendVersion is [Client.CanSendVersion] with these settings.
func (p *Prepared) CanSendVersion(version ...string) (bool, error) {
	client, err := p.Client()
	if err != nil {
		return false, err
	}
	defer client.Close()
	return client.CanSendVersion(version...)
}

// send sends by a client that has the settings and keeps the context's deadline.
func (p *Prepared) send(ctx context.Context, send func(*Client) error) error {
	if err := checkContext(ctx); err != nil {
		return err
	}
	settings := p.client.timeout.with(p.settings).shorten(ctx, p.settings)
	if len(settings) == 0 {
		return send(p.client)
	}
	client, err := (&Prepared{p.client, settings}).Client()
	if err != nil {
		return err
	}
	defer client.Close()
	return send(client)
}
