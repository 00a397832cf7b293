package osloserve_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/osloserve"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslotest"
)

type Page struct {
	Limit  int     `json:"limit,omitempty"`
	Marker *string `json:"marker"`
	Order  string  `json:"sort"`
}

type listArgs struct {
	Page
	Filter struct{ Name string } `json:"filter"`
	Sort   []string              `json:"sort"`
	Dash   any                   `json:"-,"`
	Hidden int                   `json:"-"`
}

type namedArgs struct {
	Page `json:"page"`
	When time.Time `json:"when"`
}

type addArgs struct {
	A    int64 `json:"a"`
	B    int64
	Unit *string `json:"unit"`
	Note string  `json:"note,omitempty"`
}

func add(_ context.Context, args addArgs) (int64, error) { return args.A + args.B, nil }

// serve serves one endpoint with these methods, and returns a client of it.
func serve(t *testing.T, methods osloserve.Methods) *oslo.Client {
	t.Helper()
	transport := oslotest.Grant(t, "default")
	transport.Serve(oslo.Target{Topic: "images", Server: "host-1"}, osloserve.Endpoint{
		Version: "1.5", Methods: methods,
	})
	client, err := oslo.Open("default", oslo.Target{Topic: "images", Version: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func failing(err error) osloserve.Method {
	return func(context.Context, json.RawMessage) (any, error) { return nil, err }
}

func returning(result any) osloserve.Method {
	return func(context.Context, json.RawMessage) (any, error) { return result, nil }
}

func remote(t *testing.T, err error) *oslo.RemoteError {
	t.Helper()
	exception, ok := errors.AsType[*oslo.RemoteError](err)
	if !ok {
		t.Fatalf("no exception: %v", err)
	}
	return exception
}

func TestArguments(t *testing.T) {
	client := serve(t, osloserve.Methods{
		"add":  osloserve.Func(add),
		"none": osloserve.Func(func(context.Context, struct{}) (any, error) { return nil, nil }),
		"any":  osloserve.Func(func(_ context.Context, args map[string]any) (any, error) { return args, nil }),
		"pointer": osloserve.Func(func(ctx context.Context, args *addArgs) (int64, error) {
			return add(ctx, *args)
		}),
		"list": osloserve.Func(func(_ context.Context, args listArgs) (any, error) {
			return fmt.Sprintf("%d %s %v %v", args.Limit, args.Filter.Name, args.Sort, args.Dash != nil), nil
		}),
		"named": osloserve.Func(func(_ context.Context, args namedArgs) (int, error) { return args.Limit, nil }),
	})
	for _, args := range []string{
		`{"a": 1, "b": 2}`, `{"A": 1, "B": 2, "unit": "s", "note": ""}`, `{"a": 1, "b": 2, "unit": null}`,
	} {
		var sum int
		if err := client.Call(t.Context(), "add", json.RawMessage(args), &sum); err != nil || sum != 3 {
			t.Error(args, sum, err)
		}
	}
	for _, wrong := range []struct{ method, args, message string }{
		{"add", `{}`, "add(): missing a required argument: 'B'"},
		{"add", `{"b": 1}`, "add(): missing a required argument: 'a'"},
		{"add", `{"a": 1, "b": 2, "c": 3}`, "add(): got an unexpected keyword argument 'c'"},
		{"add", `{"a": 1, "b": 1.5}`, "add(): json: cannot unmarshal number 1.5"},
		{"none", `{"a": 1}`, "none(): got an unexpected keyword argument 'a'"},
		{"add", `{"a": null, "b": 2}`, "add(): the argument 'a' must not be null"},
		{"add", `{"a": 1, "b": 2, "note": null}`, "add(): the argument 'note' must not be null"},
		{"pointer", `{"a": 1}`, "pointer(): missing a required argument: 'B'"},
		{"pointer", `{"a": 1, "b": 2, "c": 3}`, "pointer(): got an unexpected keyword argument 'c'"},
		{"pointer", `{"a": 1, "b": null}`, "pointer(): the argument 'b' must not be null"},
		{"list", `{"filter": null, "sort": [], "-": 1}`, "list(): the argument 'filter' must not be null"},
		{"list", `{"filter": {}, "sort": [], "-": 1, "hidden": 1}`, "list(): got an unexpected keyword argument 'hidden'"},
		{"list", `{"filter": {}, "sort": []}`, "list(): missing a required argument: '-'"},
		{"named", `{"page": {}, "when": "2026-01-02T03:04:05Z", "limit": 1}`, "named(): got an unexpected keyword argument 'limit'"},
		{"named", `{"when": "2026-01-02T03:04:05Z"}`, "named(): missing a required argument: 'page'"},
	} {
		err := remote(t, client.Call(t.Context(), wrong.method, json.RawMessage(wrong.args), nil))
		if err.TypeName != "TypeError" || !strings.HasPrefix(err.Message, wrong.message) {
			t.Errorf("%s: %v", wrong.args, err)
		}
	}
	for _, right := range []struct{ method, args, result string }{
		{"any", `{"x": [1]}`, `{"x":[1]}`},
		{"pointer", `{"a": 1, "b": 2}`, `3`},
		{"list", `{"filter": {"name": "n"}, "sort": ["s"], "-": null}`, `"0 n [s] false"`},
		{"list", `{"filter": {"name": "n"}, "sort": null, "-": 1, "limit": 7, "marker": null}`, `"7 n [] true"`},
		{"named", `{"page": {"limit": 7}, "when": "2026-01-02T03:04:05Z"}`, `7`},
	} {
		var result json.RawMessage
		err := client.Call(t.Context(), right.method, json.RawMessage(right.args), &result)
		if err != nil || string(result) != right.result {
			t.Error(right.args, string(result), err)
		}
	}
}

func TestResults(t *testing.T) {
	client := serve(t, osloserve.Methods{
		"nil": returning(nil), "raw": returning(json.RawMessage(`{"n": 9007199254740993}`)),
		"nan": returning(math.NaN()), "func": returning(func() {}), "bad": returning(json.RawMessage("{")),
		"latin-1": returning(json.RawMessage("\"\xe9\"")), "half": returning(latin1{}),
	})
	var raw json.RawMessage
	for method, want := range map[string]string{"nil": "null", "raw": `{"n":9007199254740993}`} {
		if err := client.Call(t.Context(), method, nil, &raw); err != nil || string(raw) != want {
			t.Error(method, string(raw), err)
		}
	}
	for _, method := range []string{"nan", "func", "bad", "latin-1", "half"} {
		err := remote(t, client.Call(t.Context(), method, nil, nil))
		if err.TypeName != "ValueError" || !strings.Contains(err.Message, method+"(): the result cannot be sent") {
			t.Error(err)
		}
	}
}

func TestDispatch(t *testing.T) {
	client := serve(t, osloserve.Methods{"m": returning(1)})
	for want, options := range map[string][]oslo.Option{
		"":                   {oslo.WithServer("host-1")},
		"NoSuchMethod":       {oslo.WithVersion("1.5"), oslo.WithServer("host-1")},
		"UnsupportedVersion": {oslo.WithVersion("1.6")},
	} {
		method := "m"
		if want == "NoSuchMethod" {
			method = "nope"
		}
		err := client.Call(t.Context(), method, nil, nil, options...)
		if want == "" && err != nil || want != "" && remote(t, err).TypeName != want {
			t.Error(want, err)
		}
	}
	if err := remote(t, client.Call(t.Context(), "m", nil, nil, oslo.WithNamespace("x"))); err.TypeName != "UnsupportedVersion" {
		t.Error(err)
	}
}

// latin1 becomes JSON that is no UTF-8.
type latin1 struct{}

func (latin1) MarshalJSON() ([]byte, error) { return []byte("\"\xe9\""), nil }

type hostile struct{}

func (hostile) Error() string                { panic("no text") }
func (hostile) MarshalJSON() ([]byte, error) { panic("no JSON") }

func TestErrorsAreExceptions(t *testing.T) {
	notThere := &osloserve.Exception{TypeName: "LookupError", Message: "no such thing", Expected: true}
	came := &oslo.RemoteError{TypeName: "X", TypeModule: "y", Message: "z", Args: json.RawMessage("[1.0]")}
	late := &oslo.TimeoutError{Message: "late"}
	mute := &osloserve.Exception{TypeName: "X"}
	torn := &oslo.RemoteError{
		TypeName: "X\xe9", TypeModule: "y\xe9", Message: "z\xe9", Args: json.RawMessage("[\"\xe9\"]"),
	}
	for _, one := range []struct {
		err               error
		class, text, args string
	}{
		{errors.New("a"), "builtins.RuntimeError", "a", `["a"]`},
		{fmt.Errorf("host: %w", notThere), "builtins.LookupError", "host: no such thing", `["host: no such thing"]`},
		{&osloserve.Exception{TypeModule: "m", TypeName: "N", Args: []any{"x", 1}}, "m.N", "", `["x",1]`},
		{&osloserve.Exception{}, "builtins.RuntimeError", "", `[]`},
		{mute, "builtins.X", "", `[]`},
		{osloserve.Expect(mute), "builtins.X", "", `[]`},
		{osloserve.Expect(osloserve.Expect(mute)), "builtins.X", "", `[]`},
		{fmt.Errorf("host: %w", mute), "builtins.X", "host: X", `["host: X"]`},
		{&osloserve.Exception{TypeName: "N", Message: "m", Args: []any{latin1{}}}, "builtins.N", "m", `["m"]`},
		{torn, "y\ufffd.X\ufffd", "z\ufffd", "[\"\ufffd\"]"},
		{&osloserve.Exception{TypeName: "N", Message: "m", Args: []any{math.Inf(1)}}, "builtins.N", "m", `["m"]`},
		{fmt.Errorf("calling: %w", came), "y.X", "z", "[1.0]"},
		{late, "oslo_messaging.exceptions.MessagingTimeout", "late", `["late"]`},
		{errors.New("half \xf0"), "builtins.RuntimeError", "half \ufffd", "[\"half \ufffd\"]"},
		{hostile{}, "builtins.RuntimeError", "panic: no text", `["panic: no text"]`},
	} {
		t.Run(one.class, func(t *testing.T) {
			client := serve(t, osloserve.Methods{"m": failing(one.err)})
			err := remote(t, client.Call(t.Context(), "m", nil, nil))
			class := err.TypeModule + "." + err.TypeName
			if class != one.class || err.Message != one.text || string(err.Args) != one.args {
				t.Errorf("%s %q %s", class, err.Message, err.Args)
			}
		})
	}
}

func TestPanicsAreExceptions(t *testing.T) {
	client := serve(t, osloserve.Methods{
		"panic": func(context.Context, json.RawMessage) (any, error) { panic("boom") },
		"json":  returning(hostile{}),
	})
	err := remote(t, client.Call(t.Context(), "panic", nil, nil))
	if err.Error() != "RuntimeError: panic: boom" || len(err.Traceback) == 0 {
		t.Error(err, err.Traceback)
	}
	if err := remote(t, client.Call(t.Context(), "json", nil, nil)); err.TypeName != "RuntimeError" {
		t.Error(err)
	}
}

// callsInner is a method that calls another with what is made of its context.
func callsInner(made func(context.Context) context.Context) osloserve.Method {
	return osloserve.Func(func(ctx context.Context, _ struct{}) (result json.RawMessage, err error) {
		inner, err := oslo.Open("default", oslo.Target{Topic: "images"})
		if err != nil {
			return nil, err
		}
		defer inner.Close()
		err = inner.Call(made(ctx), "inner", nil, &result)
		return result, err
	})
}

func TestContext(t *testing.T) {
	client := serve(t, osloserve.Methods{
		"outer": callsInner(func(ctx context.Context) context.Context { return ctx }),
		"inner": osloserve.Func(func(ctx context.Context, _ struct{}) (any, error) {
			request, ok := osloserve.RequestOf(ctx)
			user, _ := oslo.FromContext(ctx)
			return []any{ok, request.Method, request.ServedBy.Server, user}, nil
		}),
		"monitored": osloserve.Func(func(ctx context.Context, _ struct{}) (float64, error) {
			request, _ := osloserve.RequestOf(ctx)
			return request.CallMonitorTimeout.Seconds(), nil
		}),
	})
	ctx := oslo.NewContext(t.Context(), map[string]string{"user": "me"})
	var told json.RawMessage
	err := client.Call(ctx, "outer", nil, &told)
	if err != nil || string(told) != `[true,"inner","host-1",{"user":"me"}]` {
		t.Error(string(told), err)
	}
	var seconds float64
	err = client.Call(ctx, "monitored", nil, &seconds, oslo.WithCallMonitorTimeout(5*time.Second))
	if err != nil || seconds != 5 {
		t.Error(seconds, err)
	}
	if _, ok := osloserve.RequestOf(ctx); ok {
		t.Error("there is no request")
	}
}

func TestNotificationsHaveNothingOfTheCaller(t *testing.T) {
	transport := oslotest.Grant(t, "default")
	transport.Serve(oslo.Target{Topic: "images"}, osloserve.Endpoint{Methods: osloserve.Methods{
		"made": osloserve.Func(func(ctx context.Context, _ struct{}) (any, error) {
			notifier, err := oslo.OpenNotifier("default", "images.host-1")
			if err != nil {
				return nil, err
			}
			defer notifier.Close()
			own := oslo.NewContext(ctx, map[string]string{"user": "me"})
			whole, _ := oslo.FromContext(ctx)
			return nil, errors.Join(
				notifier.Info(ctx, "made", nil),
				notifier.Info(own, "made", nil),
				notifier.Info(oslo.NewContext(own, nil), "made", nil),
				notifier.Info(oslo.NewContext(ctx, whole), "made", nil),
			)
		}),
	}})
	client, err := oslo.Open("default", oslo.Target{Topic: "images"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	caller := oslo.NewContext(t.Context(), map[string]string{"auth_token": "secret"})
	if err := client.Call(caller, "made", nil, nil); err != nil {
		t.Fatal(err)
	}
	sent := transport.Notifications()
	want := []string{`{}`, `{"user":"me"}`, `{}`, `{"auth_token":"secret"}`}
	if len(sent) != len(want) {
		t.Fatal(sent)
	}
	for i, context := range want {
		if string(sent[i].Context) != context {
			t.Errorf("%d: %s", i, sent[i].Context)
		}
	}
}

func TestACallWithoutAContextHasNoneOfTheCaller(t *testing.T) {
	client := serve(t, osloserve.Methods{
		"outer": callsInner(func(ctx context.Context) context.Context { return oslo.NewContext(ctx, nil) }),
		"inner": osloserve.Func(func(ctx context.Context, _ struct{}) (json.RawMessage, error) {
			request, _ := osloserve.RequestOf(ctx)
			return request.Context, nil
		}),
	})
	ctx := oslo.NewContext(t.Context(), map[string]string{"auth_token": "secret"})
	var told json.RawMessage
	if err := client.Call(ctx, "outer", nil, &told); err != nil || string(told) != "{}" {
		t.Error(string(told), err)
	}
}

func TestWhatCannotBeServedPanics(t *testing.T) {
	for want, endpoint := range map[string]osloserve.Endpoint{
		`the method "m" of endpoint 0 is nil`:    {Methods: osloserve.Methods{"m": nil}},
		`the name "\xf0" of endpoint 0 is not U`: {Namespace: "\xf0"},
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, want) {
					t.Error(said)
				}
			}()
			osloserve.Serve(endpoint)
		}()
	}
}
