package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// manyReplies has the collector start often, and would have it start while a reply is put into the
// plugin's memory.
func manyReplies(ctx context.Context, client *oslo.Client) error {
	var garbage [][]byte
	for n := range 30_000 {
		value := fmt.Sprint("reply ", n)
		var reply string
		if err := client.Call(ctx, "echo", map[string]any{"value": value}, &reply); err != nil {
			return err
		}
		if reply != value {
			return fmt.Errorf("%q came for %q", reply, value)
		}
		if garbage = append(garbage, make([]byte, 16<<10)); len(garbage) == 32 {
			garbage = nil
		}
	}
	return bounded(32)
}

// largeReplies would fill the memory if replies were never let go.
func largeReplies(ctx context.Context, client *oslo.Client) error {
	args := map[string]any{"value": strings.Repeat("x", 1<<20)}
	for range 100 {
		var reply string
		if err := client.Call(ctx, "echo", args, &reply); err != nil {
			return err
		}
	}
	return bounded(64)
}

// rawReplies are nearly all that is allocated, so that it is their memory that a collection would
// start for.
func rawReplies(ctx context.Context, client *oslo.Client) error {
	args := json.RawMessage(`{"value": "` + strings.Repeat("x", 64<<10) + `"}`)
	for range 1500 {
		var reply json.RawMessage
		if err := client.Call(ctx, "echo", args, &reply); err != nil {
			return err
		}
	}
	return bounded(64)
}

// bounded looks at all the memory that the plugin ever took.
func bounded(mebibytes uint64) error {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if taken := stats.Sys >> 20; taken > mebibytes {
		return fmt.Errorf("the plugin took %d MiB", taken)
	}
	if stats.NumGC == 0 {
		return fmt.Errorf("the collector never ran")
	}
	return nil
}
