//! The host crate over the in-memory transport, with a native server behind it.

#![expect(
    clippy::result_large_err,
    reason = "the guest's error is a record by value"
)]

mod components;
mod guest;
mod hooks;
mod limits;
mod rpc;
mod time;
mod trouble;

/// Makes a test of each behaviour on each surface.
macro_rules! on_both_surfaces {
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
    };
}
pub(crate) use on_both_surfaces;
