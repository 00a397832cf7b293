//! AMQP 0-9-1 for clients of RabbitMQ: a protocol core without I/O, and a driver on tokio that says
//! exactly what was sent.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use oslo_amqp::driver::{Dial, Message};
//! use oslo_amqp::protocol::{Config, Login, Outcome};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let login = Login::Plain { user: "guest".to_owned(), password: "guest".to_owned() };
//! let connection = Dial::new("127.0.0.1", 5672).connect(Config::new(login, "/")).await?;
//! let channel = connection.channel().await?;
//! channel.confirm().await?;
//! let message = Message {
//!     exchange: "".into(),
//!     routing_key: "a-queue".into(),
//!     mandatory: true,
//!     content_type: None,
//!     body: "hello".into(),
//! };
//! let room = connection.room(message.body.len()).await;
//! match channel.publish(message, room).await {
//!     Outcome::Confirmed => println!("the broker has it"),
//!     Outcome::Returned => println!("no queue takes it"),
//!     Outcome::NotSent(why) => println!("it may be sent again: {why}"),
//!     other => println!("{other:?}"),
//! }
//! connection.close(Duration::from_secs(3)).await;
//! # Ok(())
//! # }
//! ```
//!
//! [`protocol`] is for whoever has an I/O of their own; [`driver`] is for tokio. Neither connects again:
//! that is the business of whoever knows what to declare.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `tls` | no | TLS by rustls with ring: [`driver::Dial`] gets a field for it |
#![doc(test(attr(deny(warnings))))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod driver;
pub mod protocol;
