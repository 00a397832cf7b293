// Package export_wit_world has what the world of this plugin exports. The bindings ask for this
// name.
package export_wit_world

import (
	"encoding/json"
	"fmt"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
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

// find returns the client of a number, or the newest.
func (c clients) find(number *int) (*oslo.Client, int, error) {
	found := len(c) - 1
	if number != nil {
		found = *number
	} else {
		for found > 0 && c[found] == nil {
			found--
		}
	}
	if found < 0 || found >= len(c) {
		return nil, found, fmt.Errorf("there is no client %d", found)
	}
	if c[found] == nil {
		return nil, found, fmt.Errorf("client %d was dropped", found)
	}
	return c[found], found, nil
}

func (c *clients) run(step step) outcome {
	client, number, err := c.find(step.Client)
	if err != nil {
		return refuse(err)
	}
	switch step.Op {
	case "call", "cast":
		return one(client, step)
	case "call-all":
		return c.callAll(client, step.Requests)
	case "cancel":
		return c.cancel(step.Step)
	case "concurrently":
		return c.concurrently(step.Steps)
	case "drop":
		(*c)[number] = nil
		return of(nil, client.Close())
	case "prepare":
		settings, err := step.Settings.list()
		if err != nil {
			return refuse(err)
		}
		prepared, err := client.Prepare(settings...)
		if err == nil {
			*c = append(*c, prepared)
		}
		return of(nil, err)
	}
	if outcome, known := ask(client, step); known {
		return outcome
	}
	return refuse(fmt.Errorf("there is no op `%s`", step.Op))
}
