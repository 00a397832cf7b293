// Package invocation is what a request and a notification of a plugin have in common.
package invocation

import (
	"context"
	"encoding/json"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// Begin returns the context of one: it has the request context of who sent it, for calls on behalf of the
// sender, and ends with the time that the host gave, or when it is cancelled.
func Begin(request string) (context.Context, context.CancelFunc) {
	ctx := context.WithValue(context.Background(), host.Inherited{}, json.RawMessage(request))
	if left, limited := oslo.Remaining(); limited {
		return context.WithTimeout(ctx, left)
	}
	return context.WithCancel(ctx)
}

// TextOf is a text that may not be there.
func TextOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
