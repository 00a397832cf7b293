package oslo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

func open(t *testing.T, options ...oslo.Option) (*oslo.Client, *oslotest.Transport) {
	t.Helper()
	transport := oslotest.Grant(t, "default")
	client, err := oslo.Open("default", oslo.Target{Topic: "demo", Version: "1.5"}, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if open := oslotest.Open(); open != 0 {
			t.Errorf("%d clients or calls are left", open)
		}
	})
	return client, transport
}

func sleep(ctx context.Context, message *oslotest.Message) (any, error) {
	var args struct{ Seconds float64 }
	if err := json.Unmarshal(message.Args, &args); err != nil {
		return nil, err
	}
	select {
	case <-time.After(time.Duration(args.Seconds * float64(time.Second))):
		return args.Seconds, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func seconds(seconds float64) map[string]any { return map[string]any{"seconds": seconds} }

func TestOptionsHaveThreeStates(t *testing.T) {
	client, transport := open(t, oslo.WithServer("one"), oslo.WithTimeout(5*time.Second))
	transport.Answer("echo", 7)
	ctx := t.Context()
	for i, options := range [][]oslo.Option{
		nil,
		{oslo.WithServer("two"), oslo.WithDefaultTimeout()},
		{oslo.WithServer("two"), oslo.WithDefaultServer(), oslo.WithTimeout(-1), oslo.WithTimeout(time.Hour)},
		nil,
	} {
		if err := client.Call(ctx, "echo", nil, nil, options...); err != nil {
			t.Fatal(i, err)
		}
	}
	sent := transport.Sent()
	for i, want := range []struct {
		server  string
		timeout time.Duration
	}{{"one", 5 * time.Second}, {"two", time.Minute}, {"", time.Hour}, {"one", 5 * time.Second}} {
		if sent[i].Target.Server != want.server || sent[i].Timeout != want.timeout {
			t.Errorf("%d: %+v, want %+v", i, sent[i], want)
		}
	}
}

func TestEveryOptionIsItself(t *testing.T) {
	client, _ := open(t)
	prepared, err := client.Prepare(
		oslo.WithExchange("e"), oslo.WithTopic("t"), oslo.WithNamespace("n"), oslo.WithVersion("2.1"),
		oslo.WithServer("s"), oslo.WithFanout(true), oslo.WithTimeout(time.Second),
		oslo.WithVersionCap("2.3"), oslo.WithRetry(0), oslo.WithCallMonitorTimeout(2*time.Second),
		oslo.WithMandatory(false), oslo.WithReplyBytes(9),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close()
	want := oslo.Target{
		Exchange: "e", Topic: "t", Namespace: "n", Version: "2.1", Server: "s", Fanout: true,
	}
	retry, retries := prepared.Retry()
	monitor, monitors := prepared.CallMonitorTimeout()
	mandatory, said := prepared.Mandatory()
	if prepared.Target() != want || prepared.Timeout() != time.Second ||
		prepared.VersionCap() != "2.3" || retry != 0 || !retries || monitor != 2*time.Second ||
		!monitors || mandatory || !said || prepared.ReplyBytes() != 9 ||
		prepared.Transport() != "default" {
		t.Errorf("%+v", prepared.Target())
	}
	bare, err := prepared.Prepare(
		oslo.WithDefaultExchange(), oslo.WithDefaultTopic(), oslo.WithDefaultNamespace(),
		oslo.WithDefaultVersion(), oslo.WithDefaultServer(), oslo.WithDefaultFanout(),
		oslo.WithDefaultTimeout(), oslo.WithDefaultVersionCap(), oslo.WithDefaultRetry(),
		oslo.WithDefaultCallMonitorTimeout(), oslo.WithDefaultMandatory(), oslo.WithDefaultReplyBytes(),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	_, retries = bare.Retry()
	_, monitors = bare.CallMonitorTimeout()
	_, said = bare.Mandatory()
	if bare.Target() != (oslo.Target{}) || bare.Timeout() != time.Minute || bare.VersionCap() != "" ||
		retries || monitors || said || bare.ReplyBytes() != 64<<20 {
		t.Errorf("%+v", bare.Target())
	}
}

func TestWhatIsNotAClientSaysSo(t *testing.T) {
	closed, _ := open(t)
	if closed.Close() != nil || closed.Close() != nil {
		t.Error("closing fails")
	}
	for name, client := range map[string]*oslo.Client{"nil": nil, "zero": {}, "closed": closed} {
		_, prepare := client.Prepare()
		_, can := client.CanSendVersion("1.0")
		for _, err := range append(
			client.CallAll(t.Context(), oslo.Request{Method: "m"}),
			client.Call(t.Context(), "m", nil, nil), client.Cast(t.Context(), "m", nil),
			prepare, can,
		) {
			invalid, ok := errors.AsType[*oslo.InvalidArgumentError](err)
			if !ok || invalid.Argument != "client" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if client.Target() != (oslo.Target{}) || client.Timeout() != 0 || client.Close() != nil {
			t.Error(name)
		}
	}
}

func TestAnOptionIsMadeByAFunction(t *testing.T) {
	client, _ := open(t)
	for _, option := range []oslo.Option{{}, oslo.WithVersionCap("\xff"), oslo.WithVersion("latest")} {
		err := client.Cast(t.Context(), "m", nil, option)
		if _, ok := errors.AsType[*oslo.InvalidArgumentError](err); !ok {
			t.Errorf("%v: %v", option, err)
		}
	}
}

func TestCallsInFlightOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, transport := open(t)
		transport.Handle("sleep", sleep)
		start := time.Now()
		slow := client.StartCall(t.Context(), "sleep", seconds(3))
		fast := client.StartCall(t.Context(), "sleep", seconds(1))
		cast := client.StartCast(t.Context(), "sleep", seconds(2))
		if index, err := oslo.WaitAny(t.Context(), slow, nil, fast, cast); index != 2 || err != nil {
			t.Error(index, err)
		}
		if slow.Ended() || !fast.Ended() || time.Since(start) != time.Second {
			t.Error("after", time.Since(start))
		}
		var took float64
		if err := slow.Wait(&took); err != nil || took != 3 || time.Since(start) != 3*time.Second {
			t.Error(took, err, time.Since(start))
		}
		// Any number of times.
		if fast.Wait(nil) != nil || fast.Wait(&took) != nil || took != 1 || cast.Wait(nil) != nil {
			t.Error(took)
		}
		if index, err := oslo.WaitAny(t.Context(), nil, nil); index != -1 || err != nil {
			t.Error(index, err)
		}
		start = time.Now()
		requests := make([]oslo.Request, 10)
		for i := range requests {
			requests[i] = oslo.Request{Method: "sleep", Args: seconds(1), Reply: &took}
		}
		if err := errors.Join(client.CallAll(t.Context(), requests...)...); err != nil {
			t.Error(err)
		}
		if time.Since(start) != time.Second {
			t.Error("after", time.Since(start))
		}
	})
}

func TestACancelledContextForgetsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, transport := open(t)
		transport.Handle("sleep", sleep)
		reason := errors.New("the user left")
		ctx, cancel := context.WithCancelCause(t.Context())
		start := time.Now()
		time.AfterFunc(time.Second, func() { cancel(reason) })
		err := client.Call(ctx, "sleep", seconds(30), nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) ||
			oslo.OutcomeOf(err) != oslo.Unknown || time.Since(start) != time.Second {
			t.Error(err, time.Since(start))
		}
		// It is not sent any more.
		err = client.Call(ctx, "sleep", seconds(30), nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, reason) ||
			oslo.OutcomeOf(err) != oslo.NotExecuted || len(transport.Sent()) != 1 {
			t.Error(err)
		}
		pending := client.StartCall(t.Context(), "sleep", seconds(30))
		time.AfterFunc(time.Second, pending.Cancel)
		if index, err := oslo.WaitAny(t.Context(), pending); index != 0 || err != nil {
			t.Error(index, err)
		}
		canceled, ok := errors.AsType[*oslo.CanceledError](pending.Wait(nil))
		if !ok || canceled.Outcome != oslo.Unknown {
			t.Error(canceled)
		}
		// WaitAny's context is about the waiting alone.
		going := client.StartCall(t.Context(), "sleep", seconds(2))
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := oslo.WaitAny(short, going); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := going.Wait(nil); err != nil {
			t.Error(err)
		}
	})
}

func TestADeadlineOnlyShortens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, transport := open(t)
		transport.Answer("echo", nil)
		for _, test := range []struct {
			deadline time.Duration
			options  []oslo.Option
			want     time.Duration
		}{
			{time.Hour, nil, time.Minute},
			{time.Second, nil, time.Second},
			{time.Second, []oslo.Option{oslo.WithTimeout(time.Hour)}, time.Second},
			{time.Hour, []oslo.Option{oslo.WithTimeout(time.Second)}, time.Second},
			{2 * time.Hour, []oslo.Option{oslo.WithTimeout(3), oslo.WithDefaultTimeout()}, time.Minute},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
			if err := client.Call(ctx, "echo", nil, nil, test.options...); err != nil {
				t.Error(err)
			}
			cancel()
			sent := transport.Sent()
			if got := sent[len(sent)-1].Timeout; got != test.want {
				t.Errorf("%+v: %v", test, got)
			}
		}
		transport.Handle("sleep", sleep)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := client.Call(ctx, "sleep", seconds(30), nil)
		timeout, ok := errors.AsType[*oslo.TimeoutError](err)
		if !ok || !errors.Is(err, context.DeadlineExceeded) || timeout.Limit != time.Second ||
			oslo.OutcomeOf(err) != oslo.Unknown {
			t.Error(err)
		}
		// Its time is up already.
		if err := client.Call(ctx, "echo", nil, nil); oslo.OutcomeOf(err) != oslo.NotExecuted {
			t.Error(err)
		}
	})
}

func TestErrorsOfTheHost(t *testing.T) {
	client, transport := open(t)
	for _, want := range []error{
		&oslo.TimeoutError{WaitingFor: oslo.WaitingForHeartbeat, Outcome: oslo.Unknown, Limit: 7, Message: "m"},
		&oslo.NoSuchTargetError{Exchange: "e", RoutingKey: "r", Message: "m"},
		&oslo.DeliveryError{Outcome: oslo.NotExecuted, Message: "m"},
		&oslo.RemoteError{TypeName: "T", TypeModule: "m", Args: json.RawMessage("[1]"), Kwargs: json.RawMessage("{}")},
		&oslo.AccessDeniedError{Rule: "r", Message: "m"},
		&oslo.LimitExceededError{Limit: "l", Message: "m"},
		&oslo.InvalidReplyError{Message: "m"},
		&oslo.OtherError{Outcome: oslo.Executed, Message: "m"},
	} {
		transport.Fail("m", want)
		err := client.Call(t.Context(), "m", nil, nil)
		if fmt.Sprintf("%#v", err) != fmt.Sprintf("%#v", want) &&
			fmt.Sprintf("%T %v", err, err) != fmt.Sprintf("%T %v", want, want) {
			t.Errorf("got %#v, want %#v", err, want)
		}
		if oslo.OutcomeOf(err) != oslo.OutcomeOf(want) || oslo.OutcomeOf(err) == oslo.NoOutcome {
			t.Errorf("%T: %v", err, oslo.OutcomeOf(err))
		}
	}
	err := client.Call(t.Context(), "nobody_serves_this", nil, nil)
	if !errors.Is(err, &oslo.RemoteError{TypeName: "NoSuchMethod"}) {
		t.Error(err)
	}
	_, err = oslo.Open("other", oslo.Target{})
	if _, ok := errors.AsType[*oslo.AccessDeniedError](err); !ok {
		t.Error(err)
	}
	err = client.Cast(t.Context(), "m", nil, oslo.WithVersionCap("1.4"))
	if denied, ok := errors.AsType[*oslo.VersionCapError](err); !ok || denied.Version != "1.5" {
		t.Error(err)
	}
	for _, option := range []oslo.Option{oslo.WithFanout(true), oslo.WithDefaultTopic()} {
		err = client.Call(t.Context(), "m", nil, nil, option)
		if _, ok := errors.AsType[*oslo.InvalidTargetError](err); !ok {
			t.Error(err)
		}
	}
}

func TestARequestMayHaveItsOwnClient(t *testing.T) {
	client, transport := open(t)
	transport.Answer("whoami", "you")
	two, err := client.Prepare(oslo.WithServer("two"))
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	var reply string
	errs := client.CallAll(oslo.NewContext(t.Context(), map[string]string{"user": "me"}),
		oslo.Request{Method: "whoami"},
		oslo.Request{Method: "whoami", Client: two, Reply: &reply, Context: json.RawMessage(`{"a":1}`)},
		oslo.Request{Method: "whoami", Reply: reply},
	)
	if errs[0] != nil || errs[1] != nil || errs[2] == nil || reply != "you" {
		t.Error(errs, reply)
	}
	sent := transport.Sent()
	if len(sent) != 2 || sent[0].Target.Server != "" || sent[1].Target.Server != "two" ||
		string(sent[0].Context) != `{"user":"me"}` || string(sent[1].Context) != `{"a":1}` {
		t.Errorf("%+v", sent)
	}
}

func TestQuestions(t *testing.T) {
	client, _ := open(t, oslo.WithVersionCap("1.6"))
	for version, want := range map[string]bool{"": true, "1.6": true, "1.7": false, "2.0": false} {
		if can, err := client.CanSendVersion(version); can != want || err != nil {
			t.Error(version, can, err)
		}
	}
	if _, err := client.CanSendVersion("latest"); err == nil {
		t.Error("it is no version")
	}
	if names := oslo.Transports(); len(names) != 1 || names[0] != "default" {
		t.Error(names)
	}
	if _, limited := oslo.Remaining(); limited || oslo.HostLimits().PendingCalls != 1024 {
		t.Error(oslo.HostLimits())
	}
}
