//! Where messages travel: RabbitMQ, or this process's memory.

pub(crate) mod driver;
#[cfg(feature = "rabbit")]
mod rabbit;
pub(crate) mod replies;
mod url;

#[cfg(feature = "rabbit")]
pub use self::rabbit::{LoginMethod, RabbitOptions};
pub use self::url::{Scheme, TransportHost, TransportUrl, UrlError};
