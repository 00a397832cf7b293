//go:build wasip1

package component

import (
	"runtime"
	"runtime/metrics"
	"slices"
	"time"
	_ "unsafe" // for go:linkname

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

// waiters is how many goroutines are in Wait. All but the one that runs have given way, and can run.
var waiters int

// Wait lets the other goroutines run, which may start messages of their own, and then the host, until
// anything has ended that any goroutine waits for.
//
// The plugin is one thread, which the host holds while it waits: for as long as nothing else of the plugin
// can run, and no longer than to its next timer.
func (component) Wait(done <-chan struct{}, pendings []host.Pending) {
	first := len(waited)
	for _, one := range pendings {
		waited = append(waited, one.(*pending))
	}
	mine := slices.Clone(waited[first:])
	waiters++
	defer func() {
		waiters--
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
	limit := pause()
	timer := hostCall(func() *wasi_io_poll.Pollable {
		return wasi_clocks_monotonic_clock.SubscribeDuration(uint64(limit))
	})
	defer timer.Drop()
	list = append(list, timer)
	for _, index := range hostCall(func() []uint32 { return wasi_io_poll.Poll(list) }) {
		if int(index) < len(asked) {
			asked[index].ready = true
		}
	}
}

// pause is how long the host may hold the thread: not at all while another goroutine can run, and else
// until the plugin's next timer.
func pause() time.Duration {
	metrics.Read(runnable)
	if runnable[0].Value.Kind() != metrics.KindUint64 {
		// A runtime without this metric, which none is that the SDK was made with.
		return shortest
	}
	if int(runnable[0].Value.Uint64()) >= waiters {
		return 0
	}
	return min(max(time.Duration(nextTimer()-now()), 0), longest)
}

var runnable = []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}}

const (
	shortest = 2 * time.Millisecond
	// longest is how late a goroutine can be at most that something made able to run unseen.
	longest = 100 * time.Millisecond
)

// nextTimer is when the runtime's next timer is due, by its clock.
//
//go:linkname nextTimer runtime.timeSleepUntil
func nextTimer() int64

//go:linkname now runtime.nanotime
func now() int64
