// Command NAME calls a method of the demo's servers, and prints what it returns.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"oslo.messaging/oslo"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	client, err := oslo.Open("default", oslo.Target{Topic: "demo", Version: "1.5"})
	if err != nil {
		return err
	}
	defer client.Close()

	var sum int
	args := map[string]any{"a": 2, "b": 3}
	if err := client.Prepare(oslo.Timeout(10*time.Second)).Call(ctx, "add", args, &sum); err != nil {
		return err
	}
	fmt.Println("2 + 3 =", sum)
	return nil
}
