//go:build wasip1

package oslolisten

// A program with this package exports what the host of a listener calls.
import _ "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/listens/wit_exports"
