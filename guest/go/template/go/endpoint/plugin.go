// Command NAME serves a method.
package main

import (
	"context"

	"github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go/osloserve"
)

func main() { osloserve.Serve(endpoints()...) }

func endpoints() []osloserve.Endpoint {
	return []osloserve.Endpoint{{
		Version: "1.0",
		Methods: osloserve.Methods{"divide": osloserve.Func(divide)},
	}}
}

type divideArgs struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

func divide(_ context.Context, args divideArgs) (float64, error) {
	if args.B == 0 {
		return 0, &osloserve.Exception{
			TypeModule: "builtins", TypeName: "ZeroDivisionError", Message: "division by zero",
			Expected: true,
		}
	}
	return args.A / args.B, nil
}
