// Conformance-go runs a script through the SDK; see the world conformance-poll in tests/wit.
//
// It is a plugin that exports a function of its own: the package export_wit_world has it, and the
// bindings, which are made from the world, call it there.
package main

import _ "conformance-go/bindings/wit_exports"

func main() {}
