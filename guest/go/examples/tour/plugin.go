// Tour is a tour of what a client can do, for whoever reads its output: one line a step. It
// talks to the demo endpoints: tour [TOPIC [TRANSPORT]], which default to demo and default.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

func main() {
	topic, transport := "demo", "default"
	for i, argument := range os.Args[min(1, len(os.Args)):] {
		switch i {
		case 0:
			topic = argument
		case 1:
			transport = argument
		}
	}

	var report report
	report.note("target", fmt.Sprintf(
		"<Target topic=%s, version=1.5> on the transport `%s`", topic, transport))
	client, err := oslo.Open(transport, oslo.Target{Topic: topic, Version: "1.5"})
	if err != nil {
		report.failed("open", "a client of the transport", err)
	} else {
		defer client.Close()
		tour := tour{client, &report, context.Background()}
		tour.messages()
		tour.addressing()
		tour.errors()
		tour.atOnce()
	}
	report.finish()
}
