package export_wit_world

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// started is a step in flight, or its outcome.
type started struct {
	pending *oslo.Pending
	isCast  bool
	outcome outcome
}

func (s started) end() outcome {
	if s.pending == nil {
		return s.outcome
	}
	if s.isCast {
		return of(nil, s.pending.Wait(nil))
	}
	var reply json.RawMessage
	err := s.pending.Wait(&reply)
	return of(reply, err)
}

// start starts a message; anything else that needs no client list is answered at once.
func (c clients) start(step step) started {
	client, _, err := c.find(step.Client)
	if err != nil {
		return started{outcome: refuse(err)}
	}
	if step.Op != "call" && step.Op != "cast" {
		if outcome, known := ask(client, step); known {
			return started{outcome: outcome}
		}
		return started{outcome: refuse(fmt.Errorf("`%s` is not for here", step.Op))}
	}
	settings, err := step.Settings.list()
	if err != nil {
		return started{outcome: refuse(err)}
	}
	ctx := oslo.NewContext(context.Background(), step.context())
	start := client.StartCall
	if step.Op == "cast" {
		start = client.StartCast
	}
	return started{
		pending: start(ctx, step.Method, step.args(), settings...), isCast: step.Op == "cast",
	}
}

// one is a message as most plugins send it, waiting for each.
func one(client *oslo.Client, step step) outcome {
	settings, err := step.Settings.list()
	if err != nil {
		return refuse(err)
	}
	ctx := oslo.NewContext(context.Background(), step.context())
	if step.Op == "cast" {
		return of(nil, client.Cast(ctx, step.Method, step.args(), settings...))
	}
	var reply json.RawMessage
	err = client.Call(ctx, step.Method, step.args(), &reply, settings...)
	return of(reply, err)
}

func (c clients) concurrently(steps []step) outcome {
	all := make([]started, 0, len(steps))
	for _, step := range steps {
		all = append(all, c.start(step))
	}
	outcomes := make([]outcome, 0, len(steps))
	for _, one := range all {
		outcomes = append(outcomes, one.end())
	}
	return of(outcomes, nil)
}

func (c clients) cancel(step *step) outcome {
	if step == nil {
		return refuse(fmt.Errorf("missing field `step`"))
	}
	one := c.start(*step)
	if one.pending == nil {
		return one.outcome
	}
	one.pending.Cancel()
	return of(nil, nil)
}

func (c clients) callAll(client *oslo.Client, requests []request) outcome {
	replies := make([]json.RawMessage, len(requests))
	calls := make([]oslo.Request, len(requests))
	for i, request := range requests {
		settings, err := request.Settings.list()
		if err != nil {
			return refuse(err)
		}
		sender := client
		if request.Client != nil {
			if sender, _, err = c.find(request.Client); err != nil {
				return refuse(err)
			}
		}
		calls[i] = oslo.Request{
			Client:  sender,
			Method:  request.Method,
			Args:    request.args(),
			Reply:   &replies[i],
			Options: settings,
			Context: request.context(),
		}
	}
	outcomes := make([]outcome, len(requests))
	for i, err := range client.CallAll(context.Background(), calls...) {
		outcomes[i] = of(replies[i], err)
	}
	return of(outcomes, nil)
}
