//! Exchanges and queues.

mod exchange;
mod names;
mod queue;

pub(super) use self::exchange::Exchange;
#[cfg(all(test, feature = "broker-tests"))]
pub(super) use self::names::folder;
pub(super) use self::queue::{Queue, delete_all};

use oslo_amqp::protocol::{Ended, Short};

use super::connect::Line;
use crate::driver::{TransportError, TransportErrorKind};

/// A name as AMQP carries it.
pub(super) fn short(name: &str) -> Result<Short<'_>, TransportError> {
    Short::new(name).ok_or_else(|| {
        TransportError::new(
            TransportErrorKind::OperationRefused,
            format!(
                "a name of {} bytes is longer than the 255 that AMQP allows",
                name.len()
            ),
        )
    })
}

/// What to make of the refusal of a declaration by a server: what exists with other properties is used
/// as it is, and so is what we may use but not configure, if it exists.
async fn adopt(
    line: &Line,
    what: &str,
    declared: Result<(), Ended>,
    passively: impl AsyncFnOnce() -> Result<Result<(), Ended>, TransportError>,
) -> Result<(), TransportError> {
    let Err(ended) = declared else {
        return Ok(());
    };
    let refused = line.refused(what, &ended);
    let may_exist = matches!(&ended, Ended::Channel(refusal)
        if matches!(refusal.code, ACCESS_REFUSED | PRECONDITION_FAILED));
    if !may_exist {
        return Err(refused);
    }
    match passively().await? {
        Ok(()) => {
            tracing::debug!(reason = %refused, "{what} is used as it is");
            Ok(())
        }
        // The first refusal is the one to mend.
        Err(Ended::Channel(_)) => Err(refused),
        Err(ended) => Err(line.refused(what, &ended)),
    }
}

const ACCESS_REFUSED: u16 = 403;
const PRECONDITION_FAILED: u16 = 406;
