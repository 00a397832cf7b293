module oslo.messaging/oslo

go 1.27

require (
	go.bytecodealliance.org/pkg v0.2.3
	oslo.messaging/bindings v0.0.0
)
