package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// goroutines call at the same time, while timers go on.
func goroutines(ctx context.Context, client *oslo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	start := time.Now()
	var ticks int
	ticker := time.NewTicker(20 * time.Millisecond)
	stop := make(chan struct{})
	var group, ticking sync.WaitGroup
	ticking.Go(func() {
		for {
			select {
			case <-ticker.C:
				ticks++
			case <-stop:
				return
			}
		}
	})
	errs := make([]error, 10)
	for i := range errs {
		group.Go(func() {
			time.Sleep(time.Millisecond)
			var sum int
			errs[i] = client.Call(ctx, "sleep", map[string]any{"seconds": 0.3}, nil)
			if errs[i] == nil {
				errs[i] = client.Call(ctx, "add", map[string]any{"a": i, "b": 1}, &sum)
			}
			if errs[i] == nil && sum != i+1 {
				errs[i] = fmt.Errorf("%d + 1 is not %d", i, sum)
			}
		})
	}
	group.Wait()
	close(stop)
	ticking.Wait()
	if took := time.Since(start); took > 2*time.Second {
		return fmt.Errorf("one waits for the other: they took %v", took)
	}
	if ticks < 5 {
		return fmt.Errorf("a timer stands still: it ticked %d times", ticks)
	}
	return errors.Join(errs...)
}

// inFlight has calls that end in their own order, and one that is forgotten.
func inFlight(ctx context.Context, client *oslo.Client) error {
	nap := func(seconds float64) *oslo.Pending {
		return client.StartCall(ctx, "sleep", map[string]any{"seconds": seconds})
	}
	all := []*oslo.Pending{nap(0.3), nap(0.05), nap(30), client.StartCast(ctx, "whoami", nil)}
	for _, want := range []int{3, 1, 0} {
		// The cast may be the first, or the short call.
		index, err := oslo.WaitAny(ctx, all...)
		if err != nil || index != want && want == 0 {
			return fmt.Errorf("%d ended, not %d: %v", index, want, err)
		}
		if err := all[index].Wait(nil); err != nil {
			return err
		}
		all[index] = nil
	}
	if all[2].Ended() {
		return errors.New("the long one has ended")
	}
	all[2].Cancel()
	err := all[2].Wait(nil)
	if !errors.Is(err, context.Canceled) || oslo.OutcomeOf(err) != oslo.Unknown {
		return fmt.Errorf("it is not cancelled: %v", err)
	}
	return nil
}

// deadline is kept where it is shorter than the timeout, and only there.
func deadline(ctx context.Context, client *oslo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	late := client.Call(ctx, "sleep", map[string]any{"seconds": 2}, nil,
		oslo.WithTimeout(5*time.Second))
	if !errors.Is(late, context.DeadlineExceeded) || oslo.OutcomeOf(late) != oslo.Unknown {
		return fmt.Errorf("it is not kept: %v", late)
	}
	// Its time is up already.
	if err := client.Call(ctx, "whoami", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("it is forgotten: %v", err)
	}

	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	early := client.Call(ctx, "sleep", map[string]any{"seconds": 1}, nil,
		oslo.WithTimeout(100*time.Millisecond))
	timeout, ok := errors.AsType[*oslo.TimeoutError](early)
	if !ok || timeout.Limit != 100*time.Millisecond {
		return fmt.Errorf("it lengthens the timeout: %v", early)
	}
	return nil
}

// cancelled forgets what is in flight, and sends nothing afterwards.
func cancelled(ctx context.Context, client *oslo.Client) error {
	reason := errors.New("enough")
	ctx, cancel := context.WithCancelCause(ctx)
	time.AfterFunc(100*time.Millisecond, func() { cancel(reason) })
	start := time.Now()
	err := client.Call(ctx, "sleep", map[string]any{"seconds": 20}, nil)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) ||
		oslo.OutcomeOf(err) != oslo.Unknown || time.Since(start) > 5*time.Second {
		return fmt.Errorf("it is waited for: %v after %v", err, time.Since(start))
	}
	for _, err := range append(
		client.CallAll(ctx, oslo.Request{Method: "whoami"}),
		client.Call(ctx, "whoami", nil, nil),
		client.Cast(ctx, "remember", map[string]any{"word": "never"}),
	) {
		if !errors.Is(err, context.Canceled) || oslo.OutcomeOf(err) != oslo.NotExecuted {
			return fmt.Errorf("it is sent: %v", err)
		}
	}
	return nil
}

// computing lets a goroutine compute in short pieces while a call waits: neither holds the other up.
func computing(ctx context.Context, client *oslo.Client) error {
	call := client.StartCall(ctx, "sleep", map[string]any{"seconds": 0.2})
	pieces := make(chan int, 1)
	go func() {
		done := 0
		for ; !call.Ended() && done < 1_000_000; done++ {
			runtime.Gosched()
		}
		pieces <- done
	}()
	if err := call.Wait(nil); err != nil {
		return err
	}
	if done := <-pieces; done < 200 {
		return fmt.Errorf("only %d pieces were computed beside the call", done)
	}
	// Timers come in time, however many goroutines wait for messages.
	started := time.Now()
	late := client.StartCall(ctx, "sleep", map[string]any{"seconds": 0.5})
	other := client.StartCall(ctx, "sleep", map[string]any{"seconds": 0.5})
	go other.Wait(nil)
	go late.Wait(nil)
	time.Sleep(20 * time.Millisecond)
	if slept := time.Since(started); slept > 90*time.Millisecond {
		return fmt.Errorf("a sleep of 20 ms took %v", slept)
	}
	return late.Wait(nil)
}

// nothing is what must not reach the host, which would trap.
func nothing(ctx context.Context, _ *oslo.Client) error {
	if index, err := oslo.WaitAny(ctx); index != -1 || err != nil {
		return fmt.Errorf("%d, %v", index, err)
	}
	return nil
}
