// Package oslolisten handles notifications.
//
//	func created(ctx context.Context, notification *oslolisten.Notification) error {
//		var instance struct{ ID string }
//		if err := notification.Decode(&instance); err != nil {
//			return err
//		}
//		fmt.Println(notification.PublisherID, "created", instance.ID)
//		return nil
//	}
//
//	func main() {
//		oslolisten.Handle(oslolisten.Endpoint{
//			Filter:   oslolisten.Filter{EventType: `compute\.instance\.create\.`},
//			Handlers: oslolisten.Handlers{oslo.PriorityInfo: created},
//		})
//	}
//
// A plugin that imports this package is handed notifications, and is no program that oslo-plugin run
// starts. Its main runs once in each instance, before the first notification, and returns: the host calls
// the handlers. The operator says of which transport, exchange, topics and pool; the plugin says which of
// them.
//
// A notification comes at least once: it is acknowledged when its handler has returned. An instance
// handles one at a time; whether the next one finds the same instance is the host's choice.
package oslolisten
