module conformance-go

go 1.27

require (
	oslo.messaging/bindings v0.0.0
	oslo.messaging/oslo v0.1.0
)
