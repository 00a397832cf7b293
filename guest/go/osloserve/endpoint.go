package osloserve

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Endpoint has methods under one namespace and version.
type Endpoint struct {
	// Namespace is that of the methods; empty: the unnamed one.
	Namespace string
	// LegacyNamespaces are further ones that they are called by, empty for the unnamed one.
	LegacyNamespaces []string
	// Version is the one that the methods implement, major.minor, and 1.0 if empty: requests of the same
	// major version and at most this minor one are served.
	Version string
	// Methods are what can be called.
	Methods Methods
}

// Methods are methods by the names that callers use.
type Methods map[string]Method

// Method gets the arguments as they came, a JSON object as a rule, and returns a result, of which
// [encoding/json] makes JSON, or an error; see the package's documentation for what becomes of it. [Func]
// makes one of a function with arguments of a type of its own.
type Method func(ctx context.Context, args json.RawMessage) (result any, err error)

// Serve says what the plugin serves, and returns; the last call counts. It panics when an endpoint cannot
// be served, because a method of it is nil or a name is not UTF-8.
func Serve(endpoints ...Endpoint) {
	served := make([]host.Endpoint, 0, len(endpoints))
	for i, endpoint := range endpoints {
		for name, method := range endpoint.Methods {
			if method == nil {
				panic(fmt.Sprintf("osloserve: the method %q of endpoint %d is nil", name, i))
			}
			check(i, name)
		}
		check(i, endpoint.Namespace)
		check(i, endpoint.Version)
		raw := host.Endpoint{
			Namespace: optional(endpoint.Namespace),
			Version:   optional(endpoint.Version),
			Methods:   slices.Sorted(maps.Keys(endpoint.Methods)),
		}
		for _, namespace := range endpoint.LegacyNamespaces {
			check(i, namespace)
			raw.LegacyNamespaces = append(raw.LegacyNamespaces, optional(namespace))
		}
		served = append(served, raw)
	}
	host.Serving = &server{endpoints: endpoints, described: served}
}

func check(endpoint int, name string) {
	if !utf8.ValidString(name) {
		panic(fmt.Sprintf("osloserve: the name %q of endpoint %d is not UTF-8", name, endpoint))
	}
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func init() { host.Serving = &server{} }
