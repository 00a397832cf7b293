package osloserve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Func makes a method of a function whose arguments are of a type of its own, mostly a struct with a field
// for each. Arguments that do not fit are a TypeError for the caller: a field that is missing, unless it
// is a pointer or has the option omitempty or omitzero in its tag; an argument that no field is for; and
// a value of another type. A map or a [json.RawMessage] takes whatever comes, and struct{} nothing.
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

// fields are the arguments that a struct takes, by name, and whether each has to be there; nil takes any.
type fields map[string]bool

func fieldsOf(of reflect.Type) fields {
	if of.Kind() != reflect.Struct || reflect.PointerTo(of).Implements(unmarshaler) {
		return nil
	}
	found := fields{}
	for _, field := range reflect.VisibleFields(of) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" || !field.IsExported() || name == "-" && options == "" {
			// The fields of an embedded struct are visible themselves.
			continue
		}
		if name == "" {
			name = field.Name
		}
		found[name] = field.Type.Kind() != reflect.Pointer && !strings.Contains(options, "omit")
	}
	return found
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// check refuses arguments that are no object, lack some or have others. Names differ as encoding/json
// compares them.
func (f fields) check(raw json.RawMessage) error {
	if f == nil {
		return nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return &misfit{fmt.Errorf("the arguments are no object, and were to have names")}
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return &misfit{err}
	}
	has := func(names []string, name string) bool {
		return slices.ContainsFunc(names, func(it string) bool { return strings.EqualFold(it, name) })
	}
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if f[name] && !has(slices.Collect(maps.Keys(given)), name) {
			return &misfit{fmt.Errorf("missing a required argument: '%s'", name)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !has(slices.Collect(maps.Keys(f)), name) {
			return &misfit{fmt.Errorf("got an unexpected keyword argument '%s'", name)}
		}
	}
	return nil
}
