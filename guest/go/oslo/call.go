package oslo

import "context"

// Call calls a method and waits for its result, which is put into the value that reply points to,
// as [encoding/json] does it. Nil drops the result; a *[json.RawMessage] gets it as it came.
//
// The arguments are what encoding/json makes an object of: a struct or a map by names. Nil stands
// for none; a [json.RawMessage] is sent as it is. The options are for this call only. The method is
// executed at most once.
//
// Every error of this package may come back; [UnexpectedReplyError] when the result is not of the
// type that is wanted.
func (c *Client) Call(ctx context.Context, method string, args, reply any, options ...Option) error {
	// Before anything is sent.
	if err := checkReply(reply); err != nil {
		return err
	}
	return c.StartCall(ctx, method, args, options...).Wait(reply)
}

// Cast asks for a method to be executed, and returns when the broker has the message.
//
// No result and no exception ever comes back, and success does not say that a server has seen it.
// With a fanout target every server of the topic gets it.
func (c *Client) Cast(ctx context.Context, method string, args any, options ...Option) error {
	return c.StartCast(ctx, method, args, options...).Wait(nil)
}

// Request is one of the calls of [Client.CallAll].
type Request struct {
	// Client sends it; if nil, the client whose CallAll it is.
	Client *Client
	// Method is the method's name.
	Method string
	// Args are its arguments, as for [Client.Call].
	Args any
	// Reply points to where the result goes, as for [Client.Call].
	Reply any
	// Options are for this call only.
	Options []Option
	// Context is the request context of this call, as for [NewContext]; if nil, that of all.
	Context any
}

// CallAll makes many calls at the same time and returns when the last one has ended, with an error
// for each request, nil where it succeeded, in the order of the requests. One failure does not
// touch the others. [errors.Join] makes one error of them, nil if all succeeded.
func (c *Client) CallAll(ctx context.Context, requests ...Request) []error {
	errs := make([]error, len(requests))
	started := make([]*Pending, len(requests))
	for i, request := range requests {
		if errs[i] = checkReply(request.Reply); errs[i] != nil {
			continue
		}
		ctx := ctx
		if request.Context != nil {
			ctx = NewContext(ctx, request.Context)
		}
		client := request.Client
		if client == nil {
			client = c
		}
		started[i] = client.StartCall(ctx, request.Method, request.Args, request.Options...)
	}
	for i, pending := range started {
		if pending != nil {
			errs[i] = pending.Wait(requests[i].Reply)
		}
	}
	return errs
}
