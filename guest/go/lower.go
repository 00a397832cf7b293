package oslo

import (
	"time"

	"go.bytecodealliance.org/pkg/wit/types"
	wit "oslo.messaging/bindings/oslo_messaging_types"
)

// lower is the target as the host takes it.
func (t Target) lower() (raw wit.Target, err error) {
	fields := []struct {
		name string
		text string
		raw  *wit_types.Option[string]
	}{
		{"exchange", t.Exchange, &raw.Exchange},
		{"topic", t.Topic, &raw.Topic},
		{"namespace", t.Namespace, &raw.Namespace},
		{"version", t.Version, &raw.Version},
		{"server", t.Server, &raw.Server},
	}
	for _, field := range fields {
		if err := checkText(field.name, field.text); err != nil {
			return raw, err
		}
		if field.text != "" {
			*field.raw = wit_types.Some(field.text)
		} else {
			*field.raw = wit_types.None[string]()
		}
	}
	raw.Fanout = t.Fanout
	return raw, nil
}

// lowerSettings is a list of settings as the host takes it.
func lowerSettings(settings []Setting) ([]wit.Setting, error) {
	list := make([]wit.Setting, 0, len(settings))
	for _, setting := range settings {
		raw, err := setting.lower()
		if err != nil {
			return nil, err
		}
		list = append(list, raw)
	}
	return list, nil
}

func (s Setting) lower() (wit.Setting, error) {
	if text, ok := s.value.(string); ok {
		if err := checkText(string(s.name), text); err != nil {
			return wit.Setting{}, err
		}
	}
	switch s.name {
	case keyExchange:
		return wit.MakeSettingExchange(option[string](s.value)), nil
	case keyTopic:
		return wit.MakeSettingTopic(option[string](s.value)), nil
	case keyNamespace:
		return wit.MakeSettingNamespace(option[string](s.value)), nil
	case keyVersion:
		return wit.MakeSettingVersion(option[string](s.value)), nil
	case keyServer:
		return wit.MakeSettingServer(option[string](s.value)), nil
	case keyFanout:
		return wit.MakeSettingFanout(option[bool](s.value)), nil
	case keyTimeout:
		return wit.MakeSettingTimeout(lengthOfTime(s.value)), nil
	case keyVersionCap:
		return wit.MakeSettingVersionCap(option[string](s.value)), nil
	case keyRetry:
		return wit.MakeSettingRetry(option[uint32](s.value)), nil
	case keyCallMonitorTimeout:
		return wit.MakeSettingCallMonitorTimeout(lengthOfTime(s.value)), nil
	case keyAtLeastOnce:
		return wit.MakeSettingAtLeastOnce(option[bool](s.value)), nil
	default:
		return wit.Setting{}, invalid("settings", "a setting is made by a function such as Timeout")
	}
}

// lowerVersion is a version that may not be given.
func lowerVersion(given []string) (wit_types.Option[string], error) {
	if len(given) == 0 {
		return wit_types.None[string](), nil
	}
	return wit_types.Some(given[0]), checkText("version", given[0])
}

// option is none if a value is nil.
func option[T any](value any) wit_types.Option[T] {
	if value == nil {
		return wit_types.None[T]()
	}
	return wit_types.Some(value.(T))
}

func lengthOfTime(value any) wit_types.Option[uint64] {
	if value == nil {
		return wit_types.None[uint64]()
	}
	// There is no time before now.
	return wit_types.Some(uint64(max(value.(time.Duration), 0)))
}
