//go:build wasip1

package component

import (
	"runtime/debug"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/runtime"
)

// hostCall makes a call to the host, with the garbage collector off.
//
// For what the host returns it asks the plugin for memory, and a plugin that is asked may not call
// the host. A collector that started then would: it reads the clock, and the host would end the
// plugin. Turning it off also waits for the end of a collection that is under way. It takes a
// fraction of a microsecond, and the collector runs as ever in between.
func hostCall[T any](call func() T) T {
	percent := debug.SetGCPercent(-1)
	memory := debug.SetMemoryLimit(-1)
	debug.SetMemoryLimit(noLimit)
	defer func() {
		// The memory was held until it was known to be in use.
		runtime.Unpin()
		debug.SetMemoryLimit(memory)
		debug.SetGCPercent(percent)
	}()
	return call()
}

// noLimit is what [debug.SetMemoryLimit] takes for no limit.
const noLimit = 1<<63 - 1
