// Package export_wit_world has what the world of this plugin exports. The bindings ask for this
// name.
package export_wit_world

import (
	"context"
	"encoding/json"
	"fmt"

	"oslo.messaging/oslo"
)

// Run runs a script.
func Run(text string) string {
	defer oslo.CollectGarbage()()
	outcomes, err := run(text)
	if err != nil {
		outcomes = []outcome{refuse(err)}
	}
	encoded, err := json.Marshal(outcomes)
	if err != nil {
		encoded, _ = json.Marshal([]outcome{refuse(err)})
	}
	return string(encoded)
}

func run(text string) ([]outcome, error) {
	var script script
	if err := read([]byte(text), &script); err != nil {
		return nil, err
	}
	settings, err := script.Open.Settings.list()
	if err != nil {
		return nil, err
	}
	if script.Open.Transport == nil {
		script.Open.Transport = new("default")
	}
	client, err := oslo.Open(*script.Open.Transport, script.Open.Target.target(), settings...)
	if err != nil {
		return []outcome{of(nil, err)}, nil
	}
	clients := clients{client}
	defer clients.close()
	outcomes := make([]outcome, 0, len(script.Steps))
	for _, step := range script.Steps {
		outcomes = append(outcomes, clients.run(step))
	}
	return outcomes, nil
}

// clients are those that a script has, by number, nil where one was dropped.
type clients []*oslo.Client

func (c *clients) close() {
	for _, client := range *c {
		if client != nil {
			client.Close()
		}
	}
}

func (c *clients) run(step step) outcome {
	number := len(*c) - 1
	if step.Client != nil {
		number = *step.Client
	} else {
		for number > 0 && (*c)[number] == nil {
			number--
		}
	}
	if number < 0 || number >= len(*c) {
		return refuse(fmt.Errorf("there is no client %d", number))
	}
	client := (*c)[number]
	if client == nil {
		return refuse(fmt.Errorf("client %d was dropped", number))
	}
	ctx := context.Background()
	switch step.Op {
	case "call":
		return call(ctx, client, step.request)
	case "call-all":
		return callAll(ctx, client, step.Requests)
	case "can-send-version":
		if step.Version == nil {
			return of(client.CanSendVersion())
		}
		return of(client.CanSendVersion(*step.Version))
	case "cast":
		return cast(ctx, client, step.request)
	case "concurrently":
		return refuse(fmt.Errorf("`concurrently` is for `conformance-async`"))
	case "drop":
		(*c)[number] = nil
		return of(nil, client.Close())
	case "prepare":
		settings, err := step.Settings.list()
		if err != nil {
			return refuse(err)
		}
		prepared, err := client.Prepare(settings...).Client()
		if err == nil {
			*c = append(*c, prepared)
		}
		return of(nil, err)
	case "remaining":
		if left, limited := oslo.Remaining(); limited {
			return of(left.Nanoseconds(), nil)
		}
		return of(nil, nil)
	default:
		return refuse(fmt.Errorf("there is no op `%s`", step.Op))
	}
}
