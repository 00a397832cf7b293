package oslo

import (
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Remaining returns what is left of the time that the host gave to this invocation of the plugin,
// and false when it set no limit. A call never takes longer than this, whatever its timeout says.
func Remaining() (time.Duration, bool) {
	if host.Current == nil {
		return 0, false
	}
	return host.Current.Remaining()
}

// Transports returns the names of the transports that the host granted, in alphabetical order.
func Transports() []string {
	if host.Current == nil {
		return nil
	}
	return host.Current.Transports()
}

// Limits are what the host allows this plugin. They stay the same for as long as it runs, and
// nobody needs to ask: what is over a limit is an error that says so.
type Limits struct {
	// RequestBytes is the largest request: context, method and arguments together.
	RequestBytes uint64
	// ReplyBytes is the largest reply.
	ReplyBytes uint64
	// HeldReplyBytes is how many bytes of replies may have come that the plugin has not taken yet.
	HeldReplyBytes uint64
	// CallsInFlight is how many calls and casts run at the same time; further ones wait for their
	// turn.
	CallsInFlight uint32
	// PendingCalls is how many may run or wait for their turn.
	PendingCalls uint32
	// Requests is how many go into one call-all of the WIT package, which this SDK does not use.
	Requests uint32
}

// HostLimits returns them; zeros outside of a component and of tests that play a transport.
func HostLimits() Limits {
	if host.Current == nil {
		return Limits{}
	}
	return Limits(host.Current.Limits())
}
