// Traps-go does what a plugin in Go could fall over: one line says what came of each. It talks to
// the demo endpoints. With the argument panic or exit it ends as its name says, and with wait it waits.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "panic":
			panic("the plugin panics")
		case "exit":
			fmt.Fprintln(os.Stderr, "the plugin exits")
			os.Exit(3)
		}
	}
	client, err := oslo.Open("default", oslo.Target{Topic: "demo", Version: "1.5"})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	defer client.Close()

	ctx := context.Background()
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		fmt.Println("waiting")
		fmt.Println("waited:", client.Call(ctx, "sleep", map[string]any{"seconds": 3}, nil))
		return
	}
	for _, trap := range []struct {
		name string
		try  func(context.Context, *oslo.Client) error
	}{
		{"30000 replies among garbage", manyReplies},
		{"100 replies of 1 MiB", largeReplies},
		{"1500 raw replies of 64 KiB", rawReplies},
		{"goroutines and timers", goroutines},
		{"calls in flight", inFlight},
		{"deadline of a context", deadline},
		{"cancelled context", cancelled},
		{"computing beside a call", computing},
		{"nothing to wait for", nothing},
	} {
		if err := trap.try(ctx, client); err != nil {
			fmt.Printf("%s: %v\n", trap.name, err)
		} else {
			fmt.Printf("%s: ok\n", trap.name)
		}
	}
	mistakes(ctx, client)
}
