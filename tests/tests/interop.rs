//! Interoperation: our clients, servers, notifiers and listeners with unmodified Python oslo.messaging at the
//! other end of a real RabbitMQ.

#[path = "interop/hostile.rs"]
mod hostile;
#[path = "interop/native_client.rs"]
mod native_client;
#[path = "interop/native_server.rs"]
mod native_server;
#[path = "interop/notifications.rs"]
mod notifications;
#[path = "interop/options.rs"]
mod options;
#[path = "interop/serializers.rs"]
mod serializers;
