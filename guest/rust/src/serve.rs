//! Serves methods: a plugin that is called, by Python clients as one of their own servers.
//!
//! ```no_run
//! use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Divide {
//!     a: f64,
//!     b: f64,
//! }
//!
//! fn divide(_: Request, Divide { a, b }: Divide) -> Result<f64, Exception> {
//!     if b == 0.0 {
//!         return Err(Exception::new("builtins", "ZeroDivisionError", "division by zero").expected());
//!     }
//!     Ok(a / b)
//! }
//!
//! fn endpoints() -> Vec<Endpoint> {
//!     vec![
//!         Endpoint::new().version("1.5").method("divide", divide).method("whoami", |request, ()| {
//!             Ok(request.served_by().server.clone())
//!         }),
//!     ]
//! }
//!
//! oslo_messaging_guest::serve!(endpoints);
//! ```
//!
//! The crate of such a plugin is a `cdylib`. [`serve!`](crate::serve!) exports its methods, once in a
//! plugin; [`serve_async!`](crate::serve_async!) does it for methods that wait with `async`, such as
//! for [`Client::call_async`](crate::Client::call_async).
//!
//! The host decides under which topic and server name the plugin serves. It finds the method by
//! namespace and version, and answers itself what no endpoint has. A method that calls others on
//! behalf of its caller hands on [`Request::context`]. An instance runs one method at a time; whether
//! the next request finds the same instance is the host's choice.
//!
//! With the feature `testing`, `testing::Server` calls the methods in native tests.

mod endpoint;
mod exception;
pub(crate) mod exports;
mod request;

pub use self::endpoint::Endpoint;
pub use self::exception::Exception;
pub use self::request::Request;
