// Package oslo calls the methods of OpenStack-style services, written in Python or anything else,
// from inside a WebAssembly component: oslo.messaging RPC for sandboxed plugins in Go.
//
//	compute, err := oslo.Open("default", oslo.Target{Topic: "compute", Version: "2.5"})
//	if err != nil {
//		return err
//	}
//	defer compute.Close()
//
//	ctx := oslo.NewContext(context.Background(), map[string]any{"user": "me"})
//	var free uint64
//	err = compute.Call(ctx, "free_memory", map[string]any{"unit": "MiB"}, &free,
//		oslo.WithServer("host-1"), oslo.WithTimeout(5*time.Second))
//	var remote *oslo.RemoteError
//	switch {
//	case err == nil:
//		fmt.Println(free, "MiB are free")
//	case errors.As(err, &remote):
//		fmt.Println(remote.TypeName, "says", remote.Message)
//	default:
//		return err
//	}
//
// The host gives the plugin clients of transports that its operator named; the plugin never sees
// an address or a password.
//
// # Contexts
//
// A [context.Context] is what it is in any Go program: a deadline, a cancellation and values. The
// values include oslo.messaging's own request context, put there by [NewContext]. A deadline
// counts like [WithTimeout], and the smaller of the two holds. A context that is cancelled drops its
// call: whether the method is executed is then unknown.
//
// # Options
//
// An [Option] has three states, as a keyword argument of oslo.messaging's prepare has: not given
// keeps what the client has, given a value replaces it, and given as default, such as
// [WithDefaultTimeout], goes back to what is said there.
//
// # Errors
//
// Each error is one of this package's types, for [errors.As], and [OutcomeOf] says of each whether
// the method was executed. An error of somebody else's has no outcome.
//
// # Goroutines
//
// The calls of several goroutines overlap. [Client.StartCall], [Pending.Wait] and [WaitAny] do the
// same without goroutines, and [Client.CallAll] for many calls at once.
//
// # Notifications and methods
//
// [OpenNotifier] sends notifications. The package osloserve serves methods, oslolisten handles
// notifications, and oslotest plays the host in tests.
package oslo
