package osloserve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// fields are the arguments that a struct takes, by name; nil takes any.
type fields map[string]field

type field struct {
	isRequired, takesNull bool
}

func fieldsOf(of reflect.Type) fields {
	of = pointedTo(of)
	if of.Kind() != reflect.Struct || unmarshals(of) {
		return nil
	}
	found := fields{}
	seen := map[reflect.Type]bool{}
	// What is nearer hides what is deeper.
	for level := []reflect.Type{of}; len(level) > 0; {
		nearer := maps.Clone(found)
		var deeper []reflect.Type
		for _, one := range level {
			if !seen[one] {
				seen[one] = true
				deeper = append(deeper, found.add(one, nearer)...)
			}
		}
		level = deeper
	}
	return found
}

// add adds the fields of a struct that are not there yet, and returns those whose fields count as its own.
func (f fields) add(of reflect.Type, nearer fields) (embedded []reflect.Type) {
	for i := range of.NumField() {
		one := of.Field(i)
		tag := one.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		target := pointedTo(one.Type)
		isEmbedded := one.Anonymous && target.Kind() == reflect.Struct
		if tag == "-" || !one.IsExported() && !isEmbedded {
			continue
		}
		if isEmbedded && name == "" {
			embedded = append(embedded, target)
			continue
		}
		if name == "" {
			name = one.Name
		}
		if _, isHidden := nearer[name]; !isHidden {
			isPointer := one.Type.Kind() == reflect.Pointer
			f[name] = field{
				isRequired: !isPointer && !strings.Contains(options, "omit"),
				takesNull:  takesNull(one.Type),
			}
		}
	}
	return embedded
}

func pointedTo(of reflect.Type) reflect.Type {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	return of
}

// takesNull says whether null is a value of a type. Of others encoding/json leaves alone what it is to change.
func takesNull(of reflect.Type) bool {
	switch of.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return true
	default:
		return unmarshals(of)
	}
}

func unmarshals(of reflect.Type) bool { return reflect.PointerTo(of).Implements(unmarshaler) }

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// check refuses arguments that are no object, lack some, have others, or are null where nothing is. Names
// differ as encoding/json compares them.
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
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if _, isThere := entry(given, name); f[name].isRequired && !isThere {
			return &misfit{fmt.Errorf("missing a required argument: '%s'", name)}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		field, isKnown := entry(f, name)
		if !isKnown {
			return &misfit{fmt.Errorf("got an unexpected keyword argument '%s'", name)}
		}
		if string(given[name]) == "null" && !field.takesNull {
			return &misfit{fmt.Errorf("the argument '%s' must not be null", name)}
		}
	}
	return nil
}

// entry is what has a name, or one that differs from it in case alone.
func entry[T any](all map[string]T, name string) (found T, ok bool) {
	if found, ok = all[name]; ok {
		return found, true
	}
	for other, value := range all {
		if strings.EqualFold(other, name) {
			return value, true
		}
	}
	return found, false
}
