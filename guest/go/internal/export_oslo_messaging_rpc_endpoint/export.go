//go:build wasip1

// Package export_oslo_messaging_rpc_endpoint is what the host calls of a plugin that serves. The bindings
// ask for this name.
package export_oslo_messaging_rpc_endpoint

import (
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_serving"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/component"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

func init() { component.CollectOnlyInExports() }

// Endpoints says what the plugin serves.
func Endpoints() []oslo_messaging_serving.Endpoint {
	return component.Exported(func() []oslo_messaging_serving.Endpoint {
		return component.Described(host.Serving.Endpoints())
	})
}

// Handle runs a method.
func Handle(
	raw *oslo_messaging_serving.Request,
) wit_types.Result[string, oslo_messaging_serving.Exception] {
	type result = wit_types.Result[string, oslo_messaging_serving.Exception]
	return component.Exported(func() result {
		return component.Answer(host.Serving.Handle(component.Request(raw)))
	})
}
