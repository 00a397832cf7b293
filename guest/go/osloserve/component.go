//go:build wasip1

package osloserve

// A program with this package exports what the host of a server calls.
import _ "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/serves/wit_exports"
