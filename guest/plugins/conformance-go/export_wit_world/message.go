package export_wit_world

import (
	"context"
	"encoding/json"

	"oslo.messaging/oslo"
)

func call(ctx context.Context, client *oslo.Client, request request) outcome {
	settings, err := request.Settings.list()
	if err != nil {
		return refuse(err)
	}
	ctx = oslo.NewContext(ctx, request.context())
	var reply json.RawMessage
	if request.Settings == nil {
		err = client.Call(ctx, request.Method, request.args(), &reply)
	} else {
		err = client.Prepare(settings...).Call(ctx, request.Method, request.args(), &reply)
	}
	return of(reply, err)
}

func cast(ctx context.Context, client *oslo.Client, request request) outcome {
	settings, err := request.Settings.list()
	if err != nil {
		return refuse(err)
	}
	ctx = oslo.NewContext(ctx, request.context())
	if request.Settings == nil {
		err = client.Cast(ctx, request.Method, request.args())
	} else {
		err = client.Prepare(settings...).Cast(ctx, request.Method, request.args())
	}
	return of(nil, err)
}

func callAll(ctx context.Context, client *oslo.Client, requests []request) outcome {
	replies := make([]json.RawMessage, len(requests))
	calls := make([]oslo.Request, len(requests))
	for i, request := range requests {
		settings, err := request.Settings.list()
		if err != nil {
			return refuse(err)
		}
		calls[i] = oslo.Request{
			Method:   request.Method,
			Args:     request.args(),
			Reply:    &replies[i],
			Settings: settings,
			Context:  request.context(),
		}
	}
	outcomes := make([]outcome, len(requests))
	for i, err := range client.CallAll(ctx, calls...) {
		outcomes[i] = of(replies[i], err)
	}
	return of(outcomes, nil)
}
