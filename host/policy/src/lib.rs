//! What plugins may do with oslo.messaging: the policy file, its rules, and the decisions.
//!
//! An operator writes one file, usually `plugins.toml`: which plugins a host runs, what starts them,
//! what they may use, and what they may call. This crate parses the file into types, tells everything
//! that is wrong with the file at once, and decides requests. Whatever no rule allows is denied.
//!
//! The crate has no WebAssembly, no network, no clock and no threads in it. Apart from [`Policy::load`]
//! and [`System`] nothing in it reads a file or the environment.
//!
//! # Example
//!
//! ```
//! use std::time::{Duration, Instant};
//!
//! use oslo_messaging_policy::{Decision, Kind, Policy, Rates, Request};
//!
//! let policy = Policy::parse(
//!     "plugins.toml",
//!     r#"
//!     [transports.default]
//!     url = { env = "TRANSPORT_URL" }
//!
//!     [plugins.rebalance]
//!     component = "rebalance.wasm"
//!
//!     [[plugins.rebalance.allow]]
//!     name = "read compute"
//!     topic = "compute"
//!     methods = ["get_*", "describe_*"]
//!     version = "6.*"
//!     kind = "call"
//!     timeout = "2s"
//!     rate = "1/s"
//!     "#,
//! )?;
//! let plugin = policy.plugin("rebalance").unwrap();
//! let rates = Rates::new(plugin.limits().rate, plugin.rules());
//!
//! // Before a plugin's call is sent:
//! let request = Request::new(Kind::Call, "compute", "get_free").version("6.1");
//! match plugin.rules().decide(&request) {
//!     Decision::Allow(allow) => {
//!         assert_eq!(allow.timeout(), Some(Duration::from_secs(2)));
//!         let now = Instant::now();
//!         assert!(rates.take(&allow, now).is_ok());
//!         assert_eq!(
//!             rates.take(&allow, now).unwrap_err().to_string(),
//!             "the rate of rule `read compute` of 1/s is exceeded, there is room in 1s"
//!         );
//!     }
//!     Decision::Deny(deny) => panic!("{deny}"),
//! }
//!
//! // A denial says what would have been allowed, and so does `explain`, before it happens.
//! let request = Request::new(Kind::Call, "compute", "reboot").server("host-1").version("6.1");
//! assert_eq!(
//!     plugin.rules().explain(&request).to_string(),
//!     "call of `reboot` on `compute.host-1`, version 6.1 is denied: no rule allows it; the nearest \
//!      is `read compute`, but its topic is `compute`, its methods are `get_*` or `describe_*`\n\
//!      - `read compute`: its topic is `compute`, its methods are `get_*` or `describe_*`"
//! );
//!
//! // What is wrong with a file is told with its place and its remedy, all at once.
//! let problems = Policy::parse("plugins.toml", "[plugin.a]\n[limits]\nmemory = 64").unwrap_err();
//! assert_eq!(
//!     problems.to_string(),
//!     "plugins.toml:1:2: plugin: there is no such key; did you mean `plugins`?\n\
//!      plugins.toml:3:10: limits.memory: a size is wanted, and this is a whole number; \
//!      write it as in `\"64MiB\"`"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a decision sees
//!
//! The *effective* routing, not its spelling: see [`Request`]. A topic `compute` with a server
//! `host-1` and a topic `compute.host-1` are the same. What reaches further than a topic's usual
//! method has to be named: fanout, single servers, namespaces, and exchanges other than the
//! transport's control exchange.
//!
//! [`Rules::decide`] allocates nothing, and neither does [`Rates::take`] unless it refuses.
//!
//! # Where things are
//!
//! | for | see |
//! |---|---|
//! | a file | [`Policy`], [`Problems`], [`schema`] |
//! | what it says of a plugin | [`Plugin`], [`Limits`], [`Instances`], [`Trigger`] |
//! | how services are reached | [`Transport`], [`Secret`], [`SecretSource`] |
//! | deciding | [`Rules`], [`Request`], [`Decision`], [`Explanation`] |
//! | how often | [`Rates`], [`Bucket`] |
//! | rules made in a program | [`Rule::builder`], [`QuickStart`] |
//!
//! There are no features.

#![doc(test(attr(deny(warnings))))]
#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod decision;
mod file;
mod nearest;
mod plugin;
mod policy;
mod problem;
mod quick_start;
mod rates;
mod request;
mod rule;
mod value;

pub use self::decision::{Allow, Decision, Deny, Explanation, Nearest, Reason, Rules, Verdict};
pub use self::plugin::{
    Http, Instances, Limits, Plugin, Priority, Schedule, Service, Subscription, Transport,
    TransportSource, Trigger,
};
pub use self::policy::{LoadError, Policy, schema};
pub use self::problem::{Problem, Problems};
pub use self::quick_start::{InvalidAllow, QuickStart};
pub use self::rates::{Bucket, RateExceeded, Rates};
pub use self::request::{Kind, Request};
pub use self::rule::{
    Difference, Differences, Fault, Glob, InvalidRule, Rule, RuleBuilder, VersionPattern,
};
pub use self::value::{
    Count, Cron, Digest, Exchange, ExposedSecret, InvalidValue, Name, Rate, Secret, SecretError,
    SecretSource, Size, System, Time,
};
