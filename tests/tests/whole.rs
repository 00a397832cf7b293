//! The whole: our client and server with unmodified Python oslo.messaging at the
//! other end of a real RabbitMQ.

#[path = "whole/hostile.rs"]
mod hostile;
#[path = "whole/native_client.rs"]
mod native_client;
#[path = "whole/native_server.rs"]
mod native_server;
#[path = "whole/notifications.rs"]
mod notifications;
#[path = "whole/options.rs"]
mod options;
#[path = "whole/serializers.rs"]
mod serializers;
