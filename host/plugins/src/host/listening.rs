//! Where a host listens for HTTP, as its policy says and as the next one says.

use std::net::SocketAddr;

use oslo_messaging_policy::Policy;

use super::{Applied, PluginHost};
use crate::http::Bound;
use crate::problem::{About, LoadProblem};

/// What a policy wants of the listener.
pub(super) enum Hears {
    /// There is to be none.
    Nothing,
    /// It stays as it is.
    Same,
    /// Another one.
    Other(Bound),
}

impl PluginHost {
    /// The address at which HTTP requests come in, with the port that the system chose if the policy leaves it
    /// to it; none if the policy has none.
    #[must_use]
    pub fn http_address(&self) -> Option<SocketAddr> {
        *self.http.lock()
    }

    /// Takes the address of a policy, at which nothing is heard yet.
    pub(super) fn bind(applied: &Applied, policy: &Policy) -> Result<Hears, LoadProblem> {
        let Some(asked) = policy.http() else {
            return Ok(Hears::Nothing);
        };
        let again = match &applied.listener {
            Some(listener) if listener.asked() == asked => return Ok(Hears::Same),
            Some(listener) if listener.asked().listen == asked.listen => {
                Bound::again(listener, asked)
            }
            _ => None,
        };
        let bound = again.map_or_else(|| Bound::new(asked), Ok);
        bound.map(Hears::Other).map_err(|error| {
            let message = format!("`{}` cannot be listened at: {error}", asked.listen);
            let told = LoadProblem::new(About::Http, message);
            told.remedy("write another address, or end what has this one")
        })
    }

    /// Listens there, and in the old place no more: what has come there has its answer.
    pub(super) fn listen(&self, applied: &mut Applied, hears: Hears) {
        let listener = match hears {
            Hears::Same => return,
            Hears::Nothing => None,
            Hears::Other(bound) => Some(bound.listen(self.routes.clone())),
        };
        let address = listener.as_ref().map(|listener| listener.local());
        if let Some(address) = address {
            tracing::info!(%address, "HTTP is listened for");
        }
        *self.http.lock() = address;
        let before = std::mem::replace(&mut applied.listener, listener);
        if let Some(before) = before {
            applied.retiring.spawn(before.stop());
        }
    }
}
