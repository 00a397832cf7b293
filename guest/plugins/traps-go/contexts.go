package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"oslo.messaging/oslo"
)

// goroutines call one after the other, while timers wait.
func goroutines(ctx context.Context, client *oslo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	errs := make([]error, 10)
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() {
			time.Sleep(time.Millisecond)
			var sum int
			errs[i] = client.Call(ctx, "add", map[string]any{"a": i, "b": 1}, &sum)
			if errs[i] == nil && sum != i+1 {
				errs[i] = fmt.Errorf("%d + 1 is not %d", i, sum)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// deadline is kept where it is shorter than the timeout, and only there.
func deadline(ctx context.Context, client *oslo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	late := client.Prepare(oslo.Timeout(5*time.Second)).Call(ctx, "sleep",
		map[string]any{"seconds": 2}, nil)
	if !errors.Is(late, context.DeadlineExceeded) || !oslo.MayHaveBeenExecuted(late) {
		return fmt.Errorf("it is not kept: %v", late)
	}
	// Its time is up already.
	if err := client.Call(ctx, "whoami", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("it is forgotten: %v", err)
	}

	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	early := client.Prepare(oslo.Timeout(100*time.Millisecond)).Call(ctx, "sleep",
		map[string]any{"seconds": 1}, nil)
	timeout, ok := errors.AsType[*oslo.TimeoutError](early)
	if !ok || timeout.Limit != 100*time.Millisecond {
		return fmt.Errorf("it lengthens the timeout: %v", early)
	}
	return nil
}

// cancelled sends nothing.
func cancelled(ctx context.Context, client *oslo.Client) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range append(
		client.CallAll(ctx, oslo.Request{Method: "whoami"}),
		client.Call(ctx, "whoami", nil, nil),
		client.Cast(ctx, "remember", map[string]any{"word": "never"}),
	) {
		if !errors.Is(err, context.Canceled) || oslo.MayHaveBeenExecuted(err) {
			return fmt.Errorf("it is sent: %v", err)
		}
	}
	return nil
}
