package oslotest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/oslo"
)

// terms are where messages go and how.
type terms struct {
	target     host.Target
	timeout    time.Duration
	versionCap *string
	retry      *uint32
	monitor    *time.Duration
	mandatory  *bool
	replyBytes uint64
}

// with returns the terms with settings on top.
func (t terms) with(transport *Transport, settings []host.Setting) (terms, *host.Error) {
	for _, setting := range settings {
		switch setting.Name {
		case host.Exchange:
			t.target.Exchange = given[string](setting)
		case host.Topic:
			t.target.Topic = given[string](setting)
		case host.Namespace:
			t.target.Namespace = given[string](setting)
		case host.Version:
			t.target.Version = given[string](setting)
		case host.Server:
			t.target.Server = given[string](setting)
		case host.Fanout:
			t.target.Fanout = or(given[bool](setting), false)
		case host.Timeout:
			t.timeout = max(or(given[time.Duration](setting), transport.timeout), 0)
		case host.VersionCap:
			t.versionCap = given[string](setting)
		case host.Retry:
			t.retry = given[uint32](setting)
		case host.CallMonitorTimeout:
			t.monitor = given[time.Duration](setting)
		case host.Mandatory:
			t.mandatory = given[bool](setting)
		case host.ReplyBytes:
			t.replyBytes = min(or(given[uint64](setting), limits.ReplyBytes), limits.ReplyBytes)
		}
	}
	if err := checkVersion("version", t.target.Version); err != nil {
		return t, err
	}
	if err := checkVersion("version-cap", t.versionCap); err != nil {
		return t, err
	}
	return t, nil
}

func given[T any](setting host.Setting) *T {
	if value, ok := setting.Value.(T); ok {
		return &value
	}
	return nil
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

type client struct {
	name      string
	transport *Transport
	terms     terms
}

func newClient(
	name string, transport *Transport, bare terms, settings []host.Setting,
) (host.Client, *host.Error) {
	terms, err := bare.with(transport, settings)
	if err != nil {
		return nil, err
	}
	played.count(1)
	return &client{name, transport, terms}, nil
}

func (c *client) Prepare(settings []host.Setting) (host.Client, *host.Error) {
	return newClient(c.name, c.transport, c.terms, settings)
}

func (c *client) CanSendVersion(version *string) (bool, *host.Error) {
	if version == nil {
		version = c.terms.target.Version
	}
	if err := checkVersion("version", version); err != nil {
		return false, err
	}
	return passes(version, c.terms.versionCap), nil
}

func (c *client) Transport() string                  { return c.name }
func (c *client) Target() host.Target                { return c.terms.target }
func (c *client) Timeout() time.Duration             { return c.terms.timeout }
func (c *client) VersionCap() *string                { return c.terms.versionCap }
func (c *client) Retry() *uint32                     { return c.terms.retry }
func (c *client) CallMonitorTimeout() *time.Duration { return c.terms.monitor }
func (c *client) Mandatory() *bool                   { return c.terms.mandatory }
func (c *client) ReplyBytes() uint64                 { return c.terms.replyBytes }
func (c *client) Close()                             { played.count(-1) }

func (c *client) Start(message host.Message, settings []host.Setting) (host.Pending, *host.Error) {
	terms, err := c.terms.with(c.transport, settings)
	if err != nil {
		return nil, err
	}
	for _, argument := range []struct{ name, text string }{
		{"context", message.Context}, {"args", message.Args},
	} {
		if err := checkObject(argument.name, argument.text); err != nil {
			return nil, err
		}
	}
	sent := &Message{
		IsCast: message.IsCast,
		Target: oslo.Target{
			Exchange:  or(terms.target.Exchange, ""),
			Topic:     or(terms.target.Topic, ""),
			Namespace: or(terms.target.Namespace, ""),
			Version:   or(terms.target.Version, ""),
			Server:    or(terms.target.Server, ""),
			Fanout:    terms.target.Fanout,
		},
		Context: json.RawMessage(message.Context),
		Method:  message.Method,
		Args:    json.RawMessage(message.Args),
		Timeout: terms.timeout,
	}
	played.count(1)
	return start(c.transport, sent, terms), nil
}

func checkObject(argument, text string) *host.Error {
	wrong := host.Error{Case: host.CaseInvalidArgument, Detail: argument}
	if !json.Valid([]byte(text)) {
		wrong.Message = "it is not JSON"
		return &wrong
	}
	if !bytes.HasPrefix(bytes.TrimSpace([]byte(text)), []byte("{")) {
		wrong.Message = "it must be a JSON object, such as {}"
		return &wrong
	}
	return nil
}

func checkVersion(argument string, version *string) *host.Error {
	if version == nil || numbers(*version) != nil {
		return nil
	}
	return &host.Error{
		Case: host.CaseInvalidArgument, Detail: argument,
		Message: fmt.Sprintf(
			"a version is `major.minor` or `major.minor.revision`, not `%s`", *version),
	}
}

// numbers are those of a version; nil if it is none.
func numbers(version string) []uint64 {
	parts := strings.Split(version, ".")
	if len(parts) < 2 || len(parts) > 3 {
		return nil
	}
	var numbers []uint64
	for _, part := range parts {
		number, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil
		}
		numbers = append(numbers, number)
	}
	return numbers
}

// passes says whether a version passes a cap.
func passes(version, versionCap *string) bool {
	if versionCap == nil {
		return true
	}
	if version == nil {
		return false
	}
	asked, most := numbers(*version), numbers(*versionCap)
	return asked[0] == most[0] && asked[1] <= most[1]
}
