//! Declaring what may be there already, each on a channel of its own: a refusal kills the channel.

use super::classify::{operation_error, reply_code};
use super::connect::Line;
use crate::error::TransportError;

/// Why a declaration did not succeed.
pub(super) enum Failure {
    Amqp(lapin::Error),
    Ours(TransportError),
}

impl From<lapin::Error> for Failure {
    fn from(error: lapin::Error) -> Self {
        Self::Amqp(error)
    }
}

/// The second half of a declaration: what to make of its refusal.
pub(super) async fn adopt(
    line: &Line,
    what: &str,
    declared: Result<(), Failure>,
    passively: impl AsyncFnOnce() -> Result<(), Failure>,
) -> Result<(), TransportError> {
    let refused = |failure| match failure {
        Failure::Amqp(error) => operation_error(&line.peer, what, &error),
        Failure::Ours(error) => error,
    };
    let Err(failure) = declared else {
        return Ok(());
    };
    let code = match &failure {
        Failure::Amqp(error) => reply_code(error),
        Failure::Ours(_) => None,
    };
    match code {
        Some(ACCESS_REFUSED | PRECONDITION_FAILED) => match passively().await {
            Ok(()) => {
                let reason = refused(failure);
                tracing::debug!(%reason, "{what} is used as it is");
                Ok(())
            }
            // The first refusal is the one to mend.
            Err(Failure::Amqp(error)) if matches!(reply_code(&error), Some(403..=406)) => {
                Err(refused(failure))
            }
            Err(failure) => Err(refused(failure)),
        },
        _ => Err(refused(failure)),
    }
}

const ACCESS_REFUSED: u16 = 403;
const PRECONDITION_FAILED: u16 = 406;
