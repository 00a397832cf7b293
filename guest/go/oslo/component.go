//go:build wasip1

package oslo

// In a component the host of the component sends the messages.
import _ "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/component"
