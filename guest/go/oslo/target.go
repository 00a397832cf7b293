package oslo

import "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"

// Target says where a message goes. A field that is empty is not set; sending needs a topic.
type Target struct {
	// Exchange is the one of the topic; if not set, the transport's default, which is openstack
	// unless the operator set another.
	Exchange string
	// Topic is the name of the service.
	Topic string
	// Namespace is that of the methods; if not set, the servers' unnamed one.
	Namespace string
	// Version is that of the interface the caller was written for, major.minor. If not set, the
	// message says nothing and servers take it for 1.0.
	Version string
	// Server is one server of the topic; if not set, any of them gets the message.
	Server string
	// Fanout says whether a cast goes to every server of the topic. A call with it is refused.
	Fanout bool
}

// lower is the target as the host takes it.
func (t Target) lower() (host.Target, error) {
	raw := host.Target{Fanout: t.Fanout}
	for _, field := range []struct {
		name string
		text string
		raw  **string
	}{
		{"exchange", t.Exchange, &raw.Exchange},
		{"topic", t.Topic, &raw.Topic},
		{"namespace", t.Namespace, &raw.Namespace},
		{"version", t.Version, &raw.Version},
		{"server", t.Server, &raw.Server},
	} {
		if err := checkText(field.name, field.text); err != nil {
			return raw, err
		}
		if field.text != "" {
			*field.raw = &field.text
		}
	}
	return raw, nil
}

func liftTarget(raw host.Target) Target {
	return Target{
		Exchange:  textOf(raw.Exchange),
		Topic:     textOf(raw.Topic),
		Namespace: textOf(raw.Namespace),
		Version:   textOf(raw.Version),
		Server:    textOf(raw.Server),
		Fanout:    raw.Fanout,
	}
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
