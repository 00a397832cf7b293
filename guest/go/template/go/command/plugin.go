// Command NAME calls a method of the demo's servers, and prints what it returns.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
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

	sum, err := add(ctx, client, 2, 3)
	if err != nil {
		return err
	}
	fmt.Println("2 + 3 =", sum)
	return nil
}

func add(ctx context.Context, client *oslo.Client, a, b int) (sum int, err error) {
	args := map[string]any{"a": a, "b": b}
	err = client.Call(ctx, "add", args, &sum, oslo.WithTimeout(10*time.Second))
	return sum, err
}
