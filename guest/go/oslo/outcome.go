package oslo

import "github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/internal/host"

// Outcome says what is known about a method when its call or cast failed: the question that decides
// whether it may be sent again.
type Outcome uint8

const (
	// NoOutcome is that of an error that is not of this package, and of no error.
	NoOutcome Outcome = Outcome(host.NoOutcome)
	// NotExecuted: it was not executed and will not be. Sending it again is safe.
	NotExecuted Outcome = Outcome(host.NotExecuted)
	// Unknown: it may be executed, now or later, or not at all.
	Unknown Outcome = Outcome(host.Unknown)
	// Executed: it was, or a server looked for it and said why it cannot be.
	Executed Outcome = Outcome(host.Executed)
)

// String returns the name that it has in the WIT package.
func (o Outcome) String() string {
	return name(o, "none", "not-executed", "unknown", "executed")
}

// OutcomeOf returns what an error says about the method, wherever it is wrapped. What is not of this
// package says nothing: [NoOutcome]. Several errors in one, as [errors.Join] makes of those of
// [Client.CallAll], say what they agree on, and otherwise [Unknown].
func OutcomeOf(err error) Outcome {
	switch e := err.(type) {
	case interface{ outcome() Outcome }:
		return e.outcome()
	case interface{ Unwrap() error }:
		return OutcomeOf(e.Unwrap())
	case interface{ Unwrap() []error }:
		all := NoOutcome
		for _, one := range e.Unwrap() {
			if outcome := OutcomeOf(one); all == NoOutcome {
				all = outcome
			} else if outcome != NoOutcome && outcome != all {
				return Unknown
			}
		}
		return all
	default:
		return NoOutcome
	}
}

// WaitingFor is what was being waited for when time was up.
type WaitingFor uint8

const (
	// WaitingForAdmission is a place among the calls that the host lets run at the same time.
	WaitingForAdmission WaitingFor = WaitingFor(host.Admission)
	// WaitingForConnection is one to a broker.
	WaitingForConnection WaitingFor = WaitingFor(host.Connection)
	// WaitingForConfirm is the broker's word that it has the message.
	WaitingForConfirm WaitingFor = WaitingFor(host.Confirm)
	// WaitingForReply is the server's.
	WaitingForReply WaitingFor = WaitingFor(host.Reply)
	// WaitingForHeartbeat is the next sign of life of a monitored call.
	WaitingForHeartbeat WaitingFor = WaitingFor(host.Heartbeat)
	// WaitingForOther is something that this version has no name for.
	WaitingForOther WaitingFor = WaitingFor(host.Other)
)

// String returns the name that it has in the WIT package.
func (w WaitingFor) String() string {
	return name(w, "admission", "connection", "confirm", "reply", "heartbeat", "other")
}

func name[T ~uint8](value T, names ...string) string {
	if int(value) < len(names) {
		return names[value]
	}
	return "unknown"
}
