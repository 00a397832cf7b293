//go:build wasip1 && exports

package oslo

import "runtime/debug"

// The host also asks for memory for the arguments of a function that the plugin exports, when
// nothing of the plugin runs that could have turned the collector off.
func init() { debug.SetGCPercent(-1) }

// CollectGarbage lets the garbage collector run until the function that it returns is called. A
// plugin that exports functions of its own defers it in each of them:
//
//	defer oslo.CollectGarbage()()
//
// In a program the collector runs anyway.
func CollectGarbage() (stop func()) {
	debug.SetGCPercent(100)
	return func() { debug.SetGCPercent(-1) }
}
