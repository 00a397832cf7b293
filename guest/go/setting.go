package oslo

import "time"

// Setting is what a client does differently from its defaults, or from the client that it was
// prepared from. When one is given twice, the last counts.
type Setting struct {
	name  settingName
	value any // nil: given none
}

// Exchange replaces the exchange of the target.
func Exchange(exchange string) Setting { return Setting{keyExchange, exchange} }

// NoExchange goes back to the transport's default exchange.
func NoExchange() Setting { return Setting{keyExchange, nil} }

// Topic replaces the topic of the target.
func Topic(topic string) Setting { return Setting{keyTopic, topic} }

// NoTopic takes the topic away, so that sending is refused.
func NoTopic() Setting { return Setting{keyTopic, nil} }

// Namespace replaces the namespace of the target.
func Namespace(namespace string) Setting { return Setting{keyNamespace, namespace} }

// NoNamespace goes back to the servers' unnamed namespace.
func NoNamespace() Setting { return Setting{keyNamespace, nil} }

// Version replaces the version of the target, major.minor or major.minor.revision.
func Version(version string) Setting { return Setting{keyVersion, version} }

// NoVersion takes the version away.
func NoVersion() Setting { return Setting{keyVersion, nil} }

// Server replaces the server of the target.
func Server(server string) Setting { return Setting{keyServer, server} }

// NoServer goes back to any server of the topic.
func NoServer() Setting { return Setting{keyServer, nil} }

// Fanout says whether a cast goes to every server of the topic.
func Fanout(fanout bool) Setting { return Setting{keyFanout, fanout} }

// NoFanout goes back to one server.
func NoFanout() Setting { return Setting{keyFanout, nil} }

// Timeout says how long a call or cast may take in all, counted from the moment it is made:
// admission, connecting, sending and, for a call, the reply. The host may make it shorter, never
// longer; zero times out at once.
func Timeout(timeout time.Duration) Setting { return Setting{keyTimeout, timeout} }

// NoTimeout goes back to the host's default, which is 60 s unless the operator set another.
func NoTimeout() Setting { return Setting{keyTimeout, nil} }

// VersionCap is the highest version that may be sent; anything else is refused with
// [VersionCapError].
func VersionCap(version string) Setting { return Setting{keyVersionCap, version} }

// NoVersionCap takes the cap away.
func NoVersionCap() Setting { return Setting{keyVersionCap, nil} }

// Retry says how many times a failed attempt to connect may be repeated; zero: not at all. What
// the broker may already have is never sent again.
func Retry(times uint32) Setting { return Setting{keyRetry, times} }

// NoRetry goes back to repeating until the timeout.
func NoRetry() Setting { return Setting{keyRetry, nil} }

// CallMonitorTimeout asks the server for signs of life while a call runs, and gives up when none
// came for this long, at least 2 s. The timeout still ends the call.
func CallMonitorTimeout(timeout time.Duration) Setting {
	return Setting{keyCallMonitorTimeout, timeout}
}

// NoCallMonitorTimeout goes back to not monitoring.
func NoCallMonitorTimeout() Setting { return Setting{keyCallMonitorTimeout, nil} }

// AtLeastOnce says whether to fail with [NoSuchTargetError] at once when no server's queue takes
// the message.
func AtLeastOnce(required bool) Setting { return Setting{keyAtLeastOnce, required} }

// NoAtLeastOnce goes back to the default: calls do, casts do not.
func NoAtLeastOnce() Setting { return Setting{keyAtLeastOnce, nil} }

// settingName is the name of a setting in the WIT package, which errors use.
type settingName string

const (
	keyExchange           settingName = "exchange"
	keyTopic              settingName = "topic"
	keyNamespace          settingName = "namespace"
	keyVersion            settingName = "version"
	keyServer             settingName = "server"
	keyFanout             settingName = "fanout"
	keyTimeout            settingName = "timeout"
	keyVersionCap         settingName = "version-cap"
	keyRetry              settingName = "retry"
	keyCallMonitorTimeout settingName = "call-monitor-timeout"
	keyAtLeastOnce        settingName = "at-least-once"
)
