package export_wit_world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"oslo.messaging/oslo"
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
	Op     string `json:"op"`
	Client *int   `json:"client"`
	request
	Requests []request `json:"requests"`
	Version  *string   `json:"version"`
}

type request struct {
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

func (s settings) list() ([]oslo.Setting, error) {
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
	var list []oslo.Setting
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

func setting(name string, value json.RawMessage) (oslo.Setting, error) {
	switch name {
	case "exchange":
		return given(value, oslo.Exchange, oslo.NoExchange)
	case "topic":
		return given(value, oslo.Topic, oslo.NoTopic)
	case "namespace":
		return given(value, oslo.Namespace, oslo.NoNamespace)
	case "version":
		return given(value, oslo.Version, oslo.NoVersion)
	case "server":
		return given(value, oslo.Server, oslo.NoServer)
	case "fanout":
		return given(value, oslo.Fanout, oslo.NoFanout)
	case "timeout":
		return given[time.Duration](value, oslo.Timeout, oslo.NoTimeout)
	case "version-cap":
		return given(value, oslo.VersionCap, oslo.NoVersionCap)
	case "retry":
		return given(value, oslo.Retry, oslo.NoRetry)
	case "call-monitor-timeout":
		return given[time.Duration](value, oslo.CallMonitorTimeout, oslo.NoCallMonitorTimeout)
	case "at-least-once":
		return given(value, oslo.AtLeastOnce, oslo.NoAtLeastOnce)
	default:
		return oslo.Setting{}, fmt.Errorf("there is no such setting")
	}
}

// given reads a setting; null is "given none".
func given[T any](
	text json.RawMessage, some func(T) oslo.Setting, none func() oslo.Setting,
) (oslo.Setting, error) {
	var value *T
	if err := json.Unmarshal(text, &value); err != nil {
		return oslo.Setting{}, err
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
