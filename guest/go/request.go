package oslo

import (
	"context"

	"go.bytecodealliance.org/pkg/wit/types"
	wit "oslo.messaging/bindings/oslo_messaging_rpc_client"
)

// Request is one of the calls of [Client.CallAll].
type Request struct {
	// Method is the method's name.
	Method string
	// Args are its arguments, as for [Client.Call].
	Args any
	// Reply points to where the result goes, as for [Client.Call].
	Reply any
	// Settings are for this call only, as with [Client.Prepare].
	Settings []Setting
	// Context is the request context of this call, as for [NewContext]; if nil, that of all.
	Context any
}

// CallAll makes many calls at the same time and returns when the last one has ended, with an error
// for each request, nil where it succeeded, in the order of the requests. One failure does not
// touch the others. [errors.Join] makes one error of them, nil if all succeeded.
func (c *Client) CallAll(ctx context.Context, requests ...Request) []error {
	errs := make([]error, len(requests))
	// What cannot be sent is not among those that are.
	sent := make([]int, 0, len(requests))
	list := make([]wit.Request, 0, len(requests))
	for i, request := range requests {
		raw, err := c.lower(ctx, request)
		if err != nil {
			errs[i] = err
			continue
		}
		sent = append(sent, i)
		list = append(list, raw)
	}
	var results []wit_types.Result[string, rawError]
	hostCall(func() { results = c.raw.CallAll(list) })
	for n, i := range sent {
		text, err := lift(results[n])
		if err == nil {
			err = decode(text, requests[i].Reply)
		}
		errs[i] = err
	}
	return errs
}

func (c *Client) lower(ctx context.Context, request Request) (raw wit.Request, err error) {
	if err = checkReply(request.Reply); err != nil {
		return raw, err
	}
	if err = checkContext(ctx); err != nil {
		return raw, err
	}
	if request.Context != nil {
		ctx = NewContext(ctx, request.Context)
	}
	message, err := encode(ctx, request.Method, request.Args)
	if err != nil {
		return raw, err
	}
	settings := c.timeout.with(request.Settings).shorten(ctx, request.Settings)
	raw.Settings, err = lowerSettings(settings)
	raw.Context, raw.Method, raw.Args = message.context, message.method, message.args
	return raw, err
}
