module github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go

go 1.27
