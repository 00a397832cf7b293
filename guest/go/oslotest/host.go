package oslotest

import (
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

type playedHost struct {
	mutex   sync.Mutex
	granted map[string]*Transport
	open    int
}

func (h *playedHost) grant(name string, transport *Transport) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.granted[name] != nil {
		return false
	}
	h.granted[name] = transport
	return true
}

func (h *playedHost) takeAway(name string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	delete(h.granted, name)
}

func (h *playedHost) count(change int) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.open += change
}

func (h *playedHost) Open(
	name string, target host.Target, settings []host.Setting,
) (host.Client, *host.Error) {
	transport, denied := h.find(name)
	if denied != nil {
		return nil, denied
	}
	bare := terms{target: target, timeout: transport.timeout, replyBytes: limits.ReplyBytes}
	return newClient(name, transport, bare, settings)
}

func (h *playedHost) find(name string) (*Transport, *host.Error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if transport := h.granted[name]; transport != nil {
		return transport, nil
	}
	return nil, &host.Error{
		Case: host.CaseAccessDenied, Detail: "default",
		Message: "no transport `" + name + "` is granted",
	}
}

func (h *playedHost) Transports() []string {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	var names []string
	for name := range h.granted {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (h *playedHost) Limits() host.Limits { return limits }

func (h *playedHost) Remaining() (time.Duration, bool) { return 0, false }

// limits are a host's own.
var limits = host.Limits{
	RequestBytes:   16 << 20,
	ReplyBytes:     64 << 20,
	HeldReplyBytes: 128 << 20,
	CallsInFlight:  128,
	PendingCalls:   1024,
	Requests:       1024,
}

func (h *playedHost) Wait(done <-chan struct{}, pendings []host.Pending) {
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(done)}}
	for _, pending := range pendings {
		ended := reflect.ValueOf(pending.(*flight).ended)
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: ended})
	}
	reflect.Select(cases)
}
