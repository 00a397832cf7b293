package osloserve

import (
	"context"
	"encoding/json"
	"reflect"
)

// Func makes a method of a function whose arguments are of a type of its own, mostly a struct, or a pointer to
// one, with a field for each; the fields of an embedded struct are as its own, as [encoding/json] has it.
// Arguments that do not fit are a TypeError for the caller: a field that is missing, unless it is a pointer or
// has the option omitempty or omitzero in its tag; an argument that no field is for; a value of another type;
// and null, unless the field is a pointer, an interface, a map, a slice or a [json.Unmarshaler]. A map or a
// [json.RawMessage] takes whatever comes, and struct{} nothing.
func Func[A, R any](function func(context.Context, A) (R, error)) Method {
	if function == nil {
		panic("osloserve: the function of a method is nil")
	}
	fields := fieldsOf(reflect.TypeFor[A]())
	return func(ctx context.Context, raw json.RawMessage) (any, error) {
		var args A
		if err := fields.check(raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, &misfit{err}
		}
		return function(ctx, args)
	}
}

// misfit says that arguments do not fit.
type misfit struct{ err error }

func (e *misfit) Error() string { return e.err.Error() }
func (e *misfit) Unwrap() error { return e.err }

// named says of which method arguments do not fit.
func named(method string, err error) error {
	if wrong, ok := err.(*misfit); ok {
		return exception("TypeError", "%s(): %w", method, wrong.err)
	}
	return err
}
