//! The whole: our client, server, plugins and program with unmodified Python oslo.messaging at the
//! other end of a real RabbitMQ.

#[path = "whole/native_client.rs"]
mod native_client;
#[path = "whole/native_server.rs"]
mod native_server;
#[path = "whole/plugin.rs"]
mod plugin;
