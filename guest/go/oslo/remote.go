package oslo

import (
	"encoding/json"
	"strings"
)

// RemoteError is an exception that the called method raised, or that its server raised for it. A
// server without the method raises NoSuchMethod, one without the version or namespace
// UnsupportedVersion, both of the module oslo_messaging.rpc.dispatcher.
//
// One with a type name, and perhaps a module, stands for all such exceptions:
//
//	errors.Is(err, &oslo.RemoteError{TypeName: "ZeroDivisionError"})
type RemoteError struct {
	// TypeName is the name of the exception's type, such as ValueError.
	TypeName string
	// TypeModule is the module that the type is defined in, such as builtins.
	TypeModule string
	// Message is what the exception prints as.
	Message string
	// Args are the exception's arguments, a JSON array.
	Args json.RawMessage
	// Kwargs is the exception's attribute of that name, a JSON object, empty when it has none.
	Kwargs json.RawMessage
	// Traceback is the remote one, a piece of text per entry; empty unless the host grants it.
	Traceback []string
}

// Error is how a Python traceback ends: the type, with its module unless it is a built-in one,
// and what the exception prints as.
func (e *RemoteError) Error() string {
	var text strings.Builder
	if e.TypeModule != "" && e.TypeModule != "builtins" {
		text.WriteString(e.TypeModule + ".")
	}
	text.WriteString(e.TypeName)
	if e.Message != "" {
		text.WriteString(": " + e.Message)
	}
	return text.String()
}

// Is says whether it is an exception of the target's type and, if that has one, module.
func (e *RemoteError) Is(target error) bool {
	other, ok := target.(*RemoteError)
	return ok && e.TypeName == other.TypeName && (other.TypeModule == "" || e.TypeModule == other.TypeModule)
}
