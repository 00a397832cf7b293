module example.com/NAME

go 1.27

require github.com/oslo-messaging-wasm/oslo-messaging-wasm/guest/go v0.1.0
