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
//	host := compute.Prepare(oslo.Server("host-1"), oslo.Timeout(5*time.Second))
//	var free uint64
//	err = host.Call(ctx, "free_memory", map[string]any{"unit": "MiB"}, &free)
//	var remote *oslo.RemoteError
//	switch {
//	case err == nil:
//		fmt.Println(free, "MiB are free")
//	case errors.As(err, &remote):
//		fmt.Println(remote.Class, "says", remote.Message)
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
// counts like [Timeout], and the smaller of the two holds. A plugin is one thread, which a call
// occupies: a context that is cancelled stops what has not been sent, and nothing else.
//
// # Settings
//
// A [Setting] has three states, as a keyword argument of oslo.messaging's prepare has: not given
// keeps what the client has, given a value replaces it, and given none, such as [NoTimeout], goes
// back to what is said there.
//
// # Errors
//
// Each error is one of this package's types, for [errors.As]. Three questions have an answer for
// all of them: was the method executed ([WasExecuted]), may it have been ([MayHaveBeenExecuted]),
// or, if neither, did nothing happen.
//
// # Goroutines
//
// Goroutines work, but a call stops all of them until it has ended: the calls of several
// goroutines follow one another. [Client.CallAll] has many calls in flight.
package oslo
