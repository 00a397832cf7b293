package oslo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"
)

// message is a request as it goes to the host.
type message struct {
	context, method, args string
}

func encode(ctx context.Context, method string, args any) (message, error) {
	if err := checkText("method", method); err != nil {
		return message{}, err
	}
	request, err := object("context", ofCalls(ctx))
	if err != nil {
		return message{}, err
	}
	arguments, err := object("args", args)
	return message{request, method, arguments}, err
}

// object is the JSON of a context or of arguments, where nil stands for an empty object.
func object(argument string, value any) (string, error) {
	encoded, err := text(argument, value)
	if encoded == "null" {
		return "{}", nil
	}
	return encoded, err
}

// text is the JSON of any value. Raw JSON is left as it is: the host says what is wrong with it.
func text(argument string, value any) (string, error) {
	raw, ok := value.(json.RawMessage)
	if !ok || raw == nil {
		encoded, err := json.Marshal(value)
		if err != nil {
			return "", invalid(argument, "%s cannot be sent: %w", argument, err)
		}
		raw = encoded
	}
	return string(raw), checkText(argument, string(raw))
}

// checkText refuses what the host could not take as text, and would end the plugin for.
func checkText(argument, text string) error {
	if utf8.ValidString(text) {
		return nil
	}
	return invalid(argument, "%s is not UTF-8: %q", argument, text)
}

// checkReply refuses what no result can be put into, before anything is sent.
func checkReply(reply any) error {
	if value := reflect.ValueOf(reply); reply == nil || value.Kind() == reflect.Pointer && !value.IsNil() {
		return nil
	}
	return invalid("reply", "reply must be nil or point to a value, and is a %T", reply)
}

func decode(text string, reply any) error {
	if reply == nil {
		return nil
	}
	if raw, ok := reply.(*json.RawMessage); ok {
		*raw = json.RawMessage(text)
		return nil
	}
	if err := checkReply(reply); err != nil {
		return &UnexpectedReplyError{fmt.Sprintf("%T", reply), json.RawMessage(text), err}
	}
	if err := json.Unmarshal([]byte(text), reply); err != nil {
		wanted := reflect.TypeOf(reply).Elem().String()
		return &UnexpectedReplyError{wanted, json.RawMessage(text), err}
	}
	return nil
}

func invalid(argument, format string, values ...any) error {
	err := fmt.Errorf(format, values...)
	return &InvalidArgumentError{
		Argument: argument, Message: err.Error(), Err: errors.Unwrap(err),
	}
}
