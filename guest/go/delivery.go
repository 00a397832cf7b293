package oslo

import wit "oslo.messaging/bindings/oslo_messaging_types"

// Delivery says how far a message got when sending it failed.
type Delivery uint8

const (
	// NotSent is a message that never left the host: nothing was executed, and sending it again
	// is safe.
	NotSent Delivery = Delivery(wit.DeliveryNotSent)
	// MaybeDelivered is one that the broker, and so a server, may have.
	MaybeDelivered Delivery = Delivery(wit.DeliveryMaybeDelivered)
)

// String returns the name that it has in the WIT package.
func (d Delivery) String() string {
	if d == NotSent {
		return "not-sent"
	}
	return "maybe-delivered"
}

// WaitingFor is what was being waited for when time was up.
type WaitingFor uint8

const (
	// WaitingForAdmission is a place among the calls that the host lets run at the same time.
	WaitingForAdmission WaitingFor = WaitingFor(wit.WaitingForAdmission)
	// WaitingForConnection is one to a broker.
	WaitingForConnection WaitingFor = WaitingFor(wit.WaitingForConnection)
	// WaitingForConfirm is the broker's word that it has the message.
	WaitingForConfirm WaitingFor = WaitingFor(wit.WaitingForConfirm)
	// WaitingForReply is the server's.
	WaitingForReply WaitingFor = WaitingFor(wit.WaitingForReply)
	// WaitingForHeartbeat is the next sign of life of a monitored call.
	WaitingForHeartbeat WaitingFor = WaitingFor(wit.WaitingForHeartbeat)
)

// String returns the name that it has in the WIT package.
func (w WaitingFor) String() string {
	names := [...]string{"admission", "connection", "confirm", "reply", "heartbeat"}
	if int(w) < len(names) {
		return names[w]
	}
	return "unknown"
}
