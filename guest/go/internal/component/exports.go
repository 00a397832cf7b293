//go:build wasip1

package component

import (
	"runtime/debug"
	_ "unsafe" // for go:linkname
)

// Exported runs an export of the plugin, with the garbage collector on: where nothing of the plugin runs,
// nothing could turn it off for a call of the host. The first one starts the plugin: a library's main is
// nobody's to call but ours.
func Exported[T any](export func() T) T {
	debug.SetGCPercent(percent)
	defer func() { percent = debug.SetGCPercent(-1) }()
	if !started {
		started = true
		start()
	}
	return export()
}

// CollectOnlyInExports is for a plugin that exports more than its main; it may be asked for twice.
func CollectOnlyInExports() {
	if set := debug.SetGCPercent(-1); set >= 0 {
		percent = set
	}
}

var (
	started bool
	// percent is what the plugin has set, or 100.
	percent = 100
)

//go:linkname start main.main
func start()
