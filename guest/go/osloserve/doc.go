// Package osloserve serves methods: a plugin that is called, by Python clients as one of their own
// servers.
//
//	type divideArgs struct {
//		A float64 `json:"a"`
//		B float64 `json:"b"`
//	}
//
//	func divide(ctx context.Context, args divideArgs) (float64, error) {
//		if args.B == 0 {
//			return 0, &osloserve.Exception{
//				TypeName: "ZeroDivisionError", Message: "division by zero", Expected: true,
//			}
//		}
//		return args.A / args.B, nil
//	}
//
//	func main() {
//		osloserve.Serve(osloserve.Endpoint{
//			Version: "1.5",
//			Methods: osloserve.Methods{"divide": osloserve.Func(divide)},
//		})
//	}
//
// A plugin that imports this package is a server, and no program that oslo-plugin run starts. Its main
// runs once in each instance, before the first request, and returns: the host calls the methods.
//
// The host decides under which topic and server name the plugin serves. It finds the method by namespace
// and version, and answers itself what no endpoint has. An instance runs one method at a time; whether
// the next request finds the same instance is the host's choice, so that what has to last belongs
// elsewhere.
//
// # Contexts
//
// The context of a method carries the request context of its caller: what the method itself calls with it
// gets that, as calls on behalf of somebody do. Notifications have only what [oslo.NewContext] is given. It
// has the deadline that the host set, and is cancelled when the method returns. [RequestOf] says what else
// is known of the request.
//
// # Errors
//
// An error becomes an exception, whatever it is wrapped in, as [errors.As] finds it: an [Exception] of the
// class that it names; an [oslo.RemoteError], which a call of the method met, as it came; the other errors
// of the package oslo as the exceptions that a Python client would raise; everything else, and a panic,
// as a RuntimeError. An exception that a method raises as a matter of course is marked as expected, and is
// no error in the host's log.
package osloserve
