//go:build wasip1

package component

import (
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/oslo_messaging_serving"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/bindings/wit/types"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Described are endpoints as the host takes them.
func Described(endpoints []host.Endpoint) []oslo_messaging_serving.Endpoint {
	described := make([]oslo_messaging_serving.Endpoint, 0, len(endpoints))
	for _, endpoint := range endpoints {
		legacy := make([]wit_types.Option[string], 0, len(endpoint.LegacyNamespaces))
		for _, namespace := range endpoint.LegacyNamespaces {
			legacy = append(legacy, option(namespace))
		}
		described = append(described, oslo_messaging_serving.Endpoint{
			Namespace:        option(endpoint.Namespace),
			LegacyNamespaces: legacy,
			Version:          option(endpoint.Version),
			Methods:          endpoint.Methods,
		})
	}
	return described
}

// Request is everything that the host says of a request, which it has back then.
func Request(raw *oslo_messaging_serving.Request) host.Request {
	defer raw.Drop()
	request := host.Request{
		Endpoint:  int(hostCall(raw.Endpoint)),
		Method:    hostCall(raw.Method),
		Args:      hostCall(raw.Args),
		Context:   hostCall(raw.Context),
		Namespace: pointer(hostCall(raw.Namespace)),
		Version:   pointer(hostCall(raw.Version)),
		MessageID: pointer(hostCall(raw.MessageId)),
		ServedBy:  liftTarget(hostCall(raw.ServedBy)),
	}
	if monitor := hostCall(raw.CallMonitorTimeout); !monitor.IsNone() {
		request.CallMonitorTimeout = new(duration(monitor.Some()))
	}
	return request
}

// Answer is what came of a request as the host takes it.
func Answer(
	result string, raised *host.Exception,
) wit_types.Result[string, oslo_messaging_serving.Exception] {
	if raised == nil {
		return wit_types.Ok[string, oslo_messaging_serving.Exception](result)
	}
	return wit_types.Err[string](oslo_messaging_serving.Exception{
		TypeName:   raised.TypeName,
		TypeModule: raised.TypeModule,
		Message:    raised.Message,
		Args:       raised.Args,
		Kwargs:     raised.Kwargs,
		Traceback:  raised.Traceback,
		Expected:   raised.Expected,
	})
}

// optionalNanoseconds is a length of time as the host takes it.
func optionalNanoseconds(given *time.Duration) wit_types.Option[uint64] {
	if given == nil {
		return wit_types.None[uint64]()
	}
	return wit_types.Some(uint64(max(*given, 0)))
}
