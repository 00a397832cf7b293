//! The host crate over the in-memory transport, with a native server behind it.

#![expect(
    clippy::result_large_err,
    reason = "the guest's error is a record by value"
)]

mod around;
mod components;
mod endpoints;
mod growth;
mod guest;
mod hooks;
mod limits;
mod listening;
mod logged;
mod notifications;
mod places;
mod poll;
mod refused;
mod rpc;
mod time;
mod trouble;

/// Makes a test of each behaviour on each surface.
macro_rules! on_every_surface {
    ($($behaviour:ident,)*) => {
        mod plain {
            $(
                #[tokio::test(start_paused = true)]
                async fn $behaviour() {
                    super::$behaviour(crate::guest::Surface::Plain).await;
                }
            )*
        }

        mod asynchronous {
            $(
                #[tokio::test(start_paused = true)]
                async fn $behaviour() {
                    super::$behaviour(crate::guest::Surface::Asynchronous).await;
                }
            )*
        }

        mod poll {
            $(
                #[tokio::test(start_paused = true)]
                async fn $behaviour() {
                    super::$behaviour(crate::guest::Surface::Poll).await;
                }
            )*
        }
    };
}
pub(crate) use on_every_surface;
