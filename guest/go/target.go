package oslo

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
