//go:build wasip1

package component

import (
	"runtime"
	"slices"
	"time"

	rpc "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_rpc_poll"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wasi_clocks_monotonic_clock"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wasi_io_poll"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// pending is one of the host's.
type pending struct {
	raw      *rpc.Pending
	pollable *wasi_io_poll.Pollable
	// ready is known to have an end that nobody has taken.
	ready bool
}

func (p *pending) Take() (string, *host.Error, bool) {
	if !p.ready && !hostCall(p.pollable.Ready) {
		return "", nil, false
	}
	type end = wit_types.Option[wit_types.Result[string, oslo_messaging_types.Error]]
	taken := hostCall(func() end { return p.raw.Take() })
	if taken.IsNone() {
		return "", nil, false
	}
	text, err := lift(taken.Some())
	return text, err, true
}

func (p *pending) Drop() {
	p.pollable.Drop()
	p.raw.Drop()
}

// waited are those that some goroutine waits for.
var waited []*pending

// Wait lets the other goroutines run, which may start messages of their own, and then the host, until
// anything has ended that any goroutine waits for.
//
// The plugin is one thread, which the host holds while it waits. So that timers and other goroutines
// go on, it gives the thread back after a slice of time.
func (component) Wait(done <-chan struct{}, pendings []host.Pending) {
	first := len(waited)
	for _, one := range pendings {
		waited = append(waited, one.(*pending))
	}
	mine := slices.Clone(waited[first:])
	defer func() {
		for _, one := range mine {
			index := slices.Index(waited, one)
			waited = slices.Delete(waited, index, index+1)
		}
	}()
	for {
		runtime.Gosched()
		select {
		case <-done:
			return
		default:
		}
		for _, one := range mine {
			if one.ready {
				return
			}
		}
		// What has ended for another goroutine is that one's to take before anything is asked again.
		if !slices.ContainsFunc(waited, func(one *pending) bool { return one.ready }) {
			poll()
		}
	}
}

// poll asks the host which have ended, and waits for the first.
func poll() {
	asked := slices.Clone(waited)
	list := make([]*wasi_io_poll.Pollable, 0, len(asked)+1)
	for _, one := range asked {
		list = append(list, one.pollable)
	}
	timer := hostCall(func() *wasi_io_poll.Pollable {
		return wasi_clocks_monotonic_clock.SubscribeDuration(uint64(slice))
	})
	defer timer.Drop()
	list = append(list, timer)
	for _, index := range hostCall(func() []uint32 { return wasi_io_poll.Poll(list) }) {
		if int(index) < len(asked) {
			asked[index].ready = true
		}
	}
}

// slice is how late a timer can be while every goroutine waits for messages.
const slice = 2 * time.Millisecond
