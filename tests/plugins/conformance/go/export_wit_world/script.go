package export_wit_world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

type script struct {
	Open struct {
		Transport *string  `json:"transport"`
		Target    target   `json:"target"`
		Settings  settings `json:"settings"`
	} `json:"open"`
	Steps []step `json:"steps"`
}

type target struct {
	Exchange, Topic, Namespace, Version, Server string
	Fanout                                      bool
}

func (t target) target() oslo.Target { return oslo.Target(t) }

type step struct {
	Op string `json:"op"`
	request
	Requests []request `json:"requests"`
	Steps    []step    `json:"steps"`
	Step     *step     `json:"step"`
	Version  *string   `json:"version"`
}

type request struct {
	Client      *int            `json:"client"`
	Method      string          `json:"method"`
	Settings    settings        `json:"settings"`
	Context     json.RawMessage `json:"context"`
	ContextText *string         `json:"context-text"`
	Args        json.RawMessage `json:"args"`
	ArgsText    *string         `json:"args-text"`
}

func (r request) context() json.RawMessage { return textOr(r.ContextText, r.Context) }

func (r request) args() json.RawMessage { return textOr(r.ArgsText, r.Args) }

func textOr(text *string, value json.RawMessage) json.RawMessage {
	switch {
	case text != nil:
		return json.RawMessage(*text)
	case value != nil:
		return value
	default:
		return json.RawMessage("{}")
	}
}

// settings are an object, or a list of objects where their order matters.
type settings json.RawMessage

func (s *settings) UnmarshalJSON(text []byte) error {
	*s = bytes.Clone(text)
	return nil
}

func (s settings) list() ([]oslo.Option, error) {
	var objects []map[string]json.RawMessage
	if len(s) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(s, &objects); err != nil {
		objects = make([]map[string]json.RawMessage, 1)
		if err := json.Unmarshal(s, &objects[0]); err != nil {
			return nil, err
		}
	}
	var list []oslo.Option
	for _, object := range objects {
		for name, value := range object {
			setting, err := setting(name, value)
			if err != nil {
				return nil, fmt.Errorf("setting `%s`: %w", name, err)
			}
			list = append(list, setting)
		}
	}
	return list, nil
}

func setting(name string, value json.RawMessage) (oslo.Option, error) {
	switch name {
	case "exchange":
		return given(value, oslo.WithExchange, oslo.WithDefaultExchange)
	case "topic":
		return given(value, oslo.WithTopic, oslo.WithDefaultTopic)
	case "namespace":
		return given(value, oslo.WithNamespace, oslo.WithDefaultNamespace)
	case "version":
		return given(value, oslo.WithVersion, oslo.WithDefaultVersion)
	case "server":
		return given(value, oslo.WithServer, oslo.WithDefaultServer)
	case "fanout":
		return given(value, oslo.WithFanout, oslo.WithDefaultFanout)
	case "timeout":
		return given[time.Duration](value, oslo.WithTimeout, oslo.WithDefaultTimeout)
	case "version-cap":
		return given(value, oslo.WithVersionCap, oslo.WithDefaultVersionCap)
	case "retry":
		return given(value, oslo.WithRetry, oslo.WithDefaultRetry)
	case "call-monitor-timeout":
		return given[time.Duration](value, oslo.WithCallMonitorTimeout, oslo.WithDefaultCallMonitorTimeout)
	case "mandatory":
		return given(value, oslo.WithMandatory, oslo.WithDefaultMandatory)
	case "reply-bytes":
		return given(value, oslo.WithReplyBytes, oslo.WithDefaultReplyBytes)
	default:
		return oslo.Option{}, fmt.Errorf("there is no such setting")
	}
}

// given reads a setting; null is "given none".
func given[T any](
	text json.RawMessage, some func(T) oslo.Option, none func() oslo.Option,
) (oslo.Option, error) {
	var value *T
	if err := json.Unmarshal(text, &value); err != nil {
		return oslo.Option{}, err
	}
	if value == nil {
		return none(), nil
	}
	return some(*value), nil
}

// read reads a script, which has nothing but what a script may have.
func read(text []byte, script *script) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(script)
}
