//! Where messages travel: RabbitMQ, or this process's memory.

pub(crate) mod driver;
pub(crate) mod replies;
mod url;

pub use self::url::{TransportUrl, UrlError};
