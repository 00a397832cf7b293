package host

// Inherited is the key under which the context of a method or handler has the request context of its
// sender, as JSON.
type Inherited struct{}
