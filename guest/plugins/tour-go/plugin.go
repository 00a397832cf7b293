package main

import (
	"context"
	"fmt"
	"oslo.messaging/oslo"
	"time"
)

func main() {
	c, err := oslo.Open("default", oslo.Target{Topic: "demo", Version: "1.5"}, oslo.Timeout(10*time.Second))
	fmt.Println(c, err)
	for n := range 100000 {
		var r int
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err := c.Call(ctx, "echo", map[string]any{"value": n}, &r)
		cancel()
		if n%20000 == 0 || err != nil {
			fmt.Println(n, r, err)
		}
	}
}
