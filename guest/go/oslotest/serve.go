package oslotest

import (
	"fmt"
	"slices"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/osloserve"
)

// Serve serves a plugin's endpoints under a topic and server name of this transport, with the rules of the
// host for methods, namespaces and versions: a test calls them with a client, as anybody does.
//
//	transport.Serve(oslo.Target{Topic: "images", Server: "host-1"}, endpoints()...)
//	client, err := oslo.Open("default", oslo.Target{Topic: "images", Version: "1.2"})
//
// Methods of [Transport.Handle] come first.
func (t *Transport) Serve(target oslo.Target, endpoints ...osloserve.Endpoint) {
	osloserve.Serve(endpoints...)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.served = append(t.served, served{target, host.Serving})
}

type served struct {
	target oslo.Target
	by     host.Served
}

// serves returns what serves a message's target, which the caller locks; nil if nothing does.
func (t *Transport) serves(target oslo.Target) *served {
	found := slices.IndexFunc(t.served, func(it served) bool {
		return it.target.Topic == target.Topic &&
			(target.Server == "" || target.Server == it.target.Server)
	})
	if found < 0 {
		return nil
	}
	return &t.served[found]
}

// handle runs the method that a message is for.
func (s *served) handle(message *Message, monitor *time.Duration) (string, *host.Error) {
	endpoint, refused := s.dispatch(message)
	if refused != nil {
		return "", refused
	}
	target := s.target
	result, raised := s.by.Handle(host.Request{
		Endpoint:           endpoint,
		Method:             message.Method,
		Args:               string(message.Args),
		Context:            string(message.Context),
		Namespace:          optional(message.Target.Namespace),
		Version:            optional(message.Target.Version),
		CallMonitorTimeout: monitor,
		MessageID:          new("test"),
		ServedBy: host.Target{
			Exchange: optional(target.Exchange), Topic: optional(target.Topic),
			Server: optional(target.Server),
		},
	})
	if raised != nil {
		return "", &host.Error{
			Case: host.CaseRemote, TypeName: raised.TypeName, TypeModule: raised.TypeModule,
			Message: raised.Message, Args: raised.Args, Kwargs: raised.Kwargs,
			Traceback: raised.Traceback,
		}
	}
	return result, nil
}

// dispatch returns the first endpoint for a message that has its method.
func (s *served) dispatch(message *Message) (int, *host.Error) {
	const module = "oslo_messaging.rpc.dispatcher"
	version := message.Target.Version
	if version == "" {
		version = "1.0"
	}
	compatible := false
	for i, endpoint := range s.by.Endpoints() {
		names := append([]*string{endpoint.Namespace}, endpoint.LegacyNamespaces...)
		isNamed := slices.ContainsFunc(names, func(name *string) bool {
			return or(name, "") == message.Target.Namespace
		})
		if !isNamed || !passes(&version, new(or(endpoint.Version, "1.0"))) {
			continue
		}
		compatible = true
		if slices.Contains(endpoint.Methods, message.Method) {
			return i, nil
		}
	}
	if compatible {
		return 0, lower(Exception(module, "NoSuchMethod",
			"Endpoint does not support RPC method "+message.Method))
	}
	return 0, lower(Exception(module, "UnsupportedVersion", fmt.Sprintf(
		"Endpoint does not support RPC version %s. Attempted method: %s", version, message.Method)))
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
