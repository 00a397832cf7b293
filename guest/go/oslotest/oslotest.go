// Package oslotest plays the host, so that a plugin is tested with go test: without a component, and
// without a broker.
//
//	func TestFree(t *testing.T) {
//		transport := oslotest.Grant(t, "default")
//		transport.Handle("free_memory", func(ctx context.Context, call *oslotest.Message) (any, error) {
//			if call.Target.Server != "host-1" {
//				return nil, oslotest.Exception("nova.exception", "HostNotFound", "no such host")
//			}
//			return 512, nil
//		})
//		if free, err := freeMemory(t.Context(), "host-1"); err != nil || free != 512 {
//			t.Error(free, err)
//		}
//		if sent := transport.Sent(); len(sent) != 1 {
//			t.Error(sent)
//		}
//	}
//
// The SDK is the real one. It refuses what a host refuses before it sends: transports that were not
// granted, targets without a topic, calls with fanout, versions above a cap, arguments that are no
// object. Timeouts are kept, and handlers run in goroutines of their own, so that a test in a bubble
// of [testing/synctest] waits for nothing.
//
// Transports are the program's, not the test's: tests that grant the same name do not run in parallel.
package oslotest

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Transport is one that was granted.
type Transport struct {
	mutex         sync.Mutex
	methods       map[string]Handler
	served        []served
	sent          []Message
	notifications []Notification
	timeout       time.Duration
}

// Handler gives a method's result, of which [encoding/json] makes JSON, or how the call fails: with an
// [Exception], with one of the errors of the package oslo, such as [oslo.TimeoutError], or with any
// other error, which is an exception of the type Exception. Its context is done when nobody waits any
// more. What a handler of a cast gives is lost, but for errors that are known before a server has it.
type Handler func(ctx context.Context, message *Message) (any, error)

// Message is one that a plugin sent.
type Message struct {
	// IsCast says whether it is a cast; else it is a call.
	IsCast bool
	// Target is where it went, with everything that options replaced.
	Target oslo.Target
	// Context is the request context, as JSON.
	Context json.RawMessage
	// Method is the method's name.
	Method string
	// Args are the arguments, as JSON.
	Args json.RawMessage
	// Timeout is how long it might have taken.
	Timeout time.Duration
}

// Grant grants a transport of this name until the test ends.
func Grant(t testing.TB, name string) *Transport {
	t.Helper()
	transport := &Transport{methods: map[string]Handler{}, timeout: time.Minute}
	if !played.grant(name, transport) {
		t.Fatalf("a transport `%s` is granted already, by a test that runs at the same time", name)
	}
	t.Cleanup(func() { played.takeAway(name) })
	return transport
}

// Handle serves a method, in place of an earlier handler. What is not served raises NoSuchMethod.
func (t *Transport) Handle(method string, handler Handler) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.methods[method] = handler
}

// Answer serves a method that always returns this.
func (t *Transport) Answer(method string, result any) {
	t.Handle(method, func(context.Context, *Message) (any, error) { return result, nil })
}

// Fail serves a method that always fails so, as a [Handler] may.
func (t *Transport) Fail(method string, err error) {
	t.Handle(method, func(context.Context, *Message) (any, error) { return nil, err })
}

// Sent returns what was sent so far, in the order in which it was.
func (t *Transport) Sent() []Message {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return slices.Clone(t.sent)
}

// Exception is one for a handler to raise, with its message as its only argument.
func Exception(module, name, message string) *oslo.RemoteError {
	args, _ := json.Marshal([]string{message})
	return &oslo.RemoteError{
		TypeName:   name,
		TypeModule: module,
		Message:    message,
		Args:       args,
		Kwargs:     json.RawMessage("{}"),
	}
}

// Open says how many clients and calls in flight the program has not closed or waited for.
func Open() int {
	played.mutex.Lock()
	defer played.mutex.Unlock()
	return played.open
}

// played is the host that every test of the program shares.
var played = &playedHost{granted: map[string]*Transport{}}

func init() {
	// In a component the real one stays.
	if host.Current == nil {
		host.Current = played
	}
}
