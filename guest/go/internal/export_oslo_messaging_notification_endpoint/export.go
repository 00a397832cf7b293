//go:build wasip1

// Package export_oslo_messaging_notification_endpoint is what the host calls of a plugin that handles
// notifications. The bindings ask for this name.
package export_oslo_messaging_notification_endpoint

import (
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_notification"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/component"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

func init() { component.CollectOnlyInExports() }

// FilterRule says which notifications the plugin wants.
func FilterRule() *oslo_messaging_notification.Filter {
	return component.Exported(func() *oslo_messaging_notification.Filter {
		return component.Filter(host.Listening.Filter())
	})
}

// Handle handles a notification.
func Handle(
	raw *oslo_messaging_notification.Notification,
) wit_types.Result[wit_types.Unit, wit_types.Unit] {
	again := component.Exported(func() bool {
		return host.Listening.Handle(component.Notification(raw))
	})
	if again {
		return wit_types.Err[wit_types.Unit](wit_types.Unit{})
	}
	return wit_types.Ok[wit_types.Unit, wit_types.Unit](wit_types.Unit{})
}
