package host

import "time"

// Serving is what this program serves; nil if it serves nothing.
var Serving Served

// Served has endpoints.
type Served interface {
	// Endpoints returns what they are. It panics when they cannot be served.
	Endpoints() []Endpoint
	// Handle runs a method, and returns its result as JSON or what it raises.
	Handle(request Request) (result string, raised *Exception)
}

// Endpoint has methods under one namespace and version; nil is not set.
type Endpoint struct {
	Namespace        *string
	LegacyNamespaces []*string
	Version          *string
	Methods          []string
}

// Request is one that an endpoint was found for; nil is not set.
type Request struct {
	Endpoint              int
	Method, Args, Context string
	Namespace, Version    *string
	CallMonitorTimeout    *time.Duration
	MessageID             *string
	ServedBy              Target
}

// Exception is what a method raises. All texts are UTF-8, and Args and Kwargs are JSON.
type Exception struct {
	TypeName, TypeModule, Message, Args, Kwargs string
	Traceback                                   []string
	Expected                                    bool
}
