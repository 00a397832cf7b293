module NAME

go 1.27

require oslo.messaging/oslo v0.1.0
