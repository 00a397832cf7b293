package oslo

import (
	"time"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"
)

// Option is what a client, or one message, does differently. When one is given twice, the last
// counts.
type Option struct{ setting host.Setting }

// WithExchange replaces the exchange of the target.
func WithExchange(exchange string) Option { return option(host.Exchange, exchange) }

// WithDefaultExchange goes back to the transport's default exchange.
func WithDefaultExchange() Option { return option(host.Exchange, nil) }

// WithTopic replaces the topic of the target.
func WithTopic(topic string) Option { return option(host.Topic, topic) }

// WithDefaultTopic takes the topic away, so that sending is refused.
func WithDefaultTopic() Option { return option(host.Topic, nil) }

// WithNamespace replaces the namespace of the target.
func WithNamespace(namespace string) Option { return option(host.Namespace, namespace) }

// WithDefaultNamespace goes back to the servers' unnamed namespace.
func WithDefaultNamespace() Option { return option(host.Namespace, nil) }

// WithVersion replaces the version of the target, major.minor or major.minor.revision.
func WithVersion(version string) Option { return option(host.Version, version) }

// WithDefaultVersion takes the version away.
func WithDefaultVersion() Option { return option(host.Version, nil) }

// WithServer replaces the server of the target.
func WithServer(server string) Option { return option(host.Server, server) }

// WithDefaultServer goes back to any server of the topic.
func WithDefaultServer() Option { return option(host.Server, nil) }

// WithFanout says whether a cast goes to every server of the topic.
func WithFanout(fanout bool) Option { return option(host.Fanout, fanout) }

// WithDefaultFanout goes back to one server.
func WithDefaultFanout() Option { return option(host.Fanout, nil) }

// WithTimeout says how long a call or cast may take in all, counted from the moment it is made:
// admission, connecting, sending and, for a call, the reply. The host may make it shorter, never
// longer; zero times out at once.
func WithTimeout(timeout time.Duration) Option { return option(host.Timeout, timeout) }

// WithDefaultTimeout goes back to the transport's default, which is 60 s unless the operator set
// another.
func WithDefaultTimeout() Option { return option(host.Timeout, nil) }

// WithVersionCap is the highest version that may be sent; anything else is refused with
// [VersionCapError].
func WithVersionCap(version string) Option { return option(host.VersionCap, version) }

// WithDefaultVersionCap takes the cap away.
func WithDefaultVersionCap() Option { return option(host.VersionCap, nil) }

// WithRetry says how many times a failed attempt to connect may be repeated; zero: not at all. What
// the broker may already have is never sent again.
func WithRetry(times uint32) Option { return option(host.Retry, times) }

// WithDefaultRetry goes back to repeating until the timeout.
func WithDefaultRetry() Option { return option(host.Retry, nil) }

// WithCallMonitorTimeout asks the server for signs of life while a call runs, and gives up when none
// came for this long, at least 2 s. The timeout still ends the call.
func WithCallMonitorTimeout(timeout time.Duration) Option {
	return option(host.CallMonitorTimeout, timeout)
}

// WithDefaultCallMonitorTimeout goes back to not monitoring.
func WithDefaultCallMonitorTimeout() Option { return option(host.CallMonitorTimeout, nil) }

// WithMandatory says whether to fail with [NoSuchTargetError] at once when no server's queue takes
// the message; upstream calls it at_least_once.
func WithMandatory(mandatory bool) Option { return option(host.Mandatory, mandatory) }

// WithDefaultMandatory goes back to the default: calls do, casts do not.
func WithDefaultMandatory() Option { return option(host.Mandatory, nil) }

// WithReplyBytes is the largest reply that there is room for; a larger one is [InvalidReplyError],
// and the method was executed.
func WithReplyBytes(bytes uint64) Option { return option(host.ReplyBytes, bytes) }

// WithDefaultReplyBytes goes back to the host's limit.
func WithDefaultReplyBytes() Option { return option(host.ReplyBytes, nil) }

// WithTopics says which topics get a copy each of what a notifier sends, instead of the operator's first one,
// which is notifications unless the operator named another. The operator has to grant each of them, or else
// sending is [AccessDeniedError]. It is for [OpenNotifier] alone.
func WithTopics(topics ...string) Option { return option(host.Topics, topics) }

func option(name host.Name, value any) Option { return Option{host.Setting{Name: name, Value: value}} }

// lower is a list of options as the host takes it.
func lower(options []Option) ([]host.Setting, error) {
	settings := make([]host.Setting, 0, len(options)+1)
	for _, option := range options {
		if option.setting.Name == "" {
			return nil, invalid("options", "an option is made by a function such as WithTimeout")
		}
		if option.setting.Name == host.Topics {
			return nil, invalid("topics", "WithTopics is for OpenNotifier; a client has WithTopic")
		}
		if text, ok := option.setting.Value.(string); ok {
			if err := checkText(string(option.setting.Name), text); err != nil {
				return nil, err
			}
		}
		settings = append(settings, option.setting)
	}
	return settings, nil
}
