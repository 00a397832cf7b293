//! A request on its way through an instance, and the answer to whatever comes of it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use oslo_messaging_wasmtime::instances::{Exports, Pool};
use oslo_messaging_wasmtime::{Begin, End, Halt, Halted, Origin};
use tokio::sync::oneshot;
use tokio::task::unconstrained;
use tokio::time::{Instant, timeout_at};
use wasmtime::Store;
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};

use super::answered::{Wrong, answered, response_of};
use crate::http::Refusal;
use crate::output::start;
use crate::statistics::StartedBy;
use crate::store::State;
use crate::version::Shared;

pub(super) struct Handling {
    pool: Pool<State, Handler>,
    most_bytes: usize,
}

/// `wasi:http/incoming-handler` of a component.
#[derive(Clone)]
struct Handler(ProxyPre<State>);

impl Exports<State> for Handler {
    type Plugin = Proxy;

    async fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Proxy> {
        self.0.instantiate_async(store).await
    }
}

impl Handling {
    pub(super) fn new(shared: &Shared) -> Result<Self, String> {
        let exports = ProxyPre::new(shared.candidate.linked.clone());
        let exports = exports.map_err(|error| format!("http: {error:#}"))?;
        let stores = Arc::clone(&shared.stores);
        let new_store = Arc::new(move || stores.store());
        let reply = shared.candidate.policy.limits().reply;
        Ok(Self {
            pool: Pool::new(Handler(exports), new_store, shared.instances())
                .places(shared.places()),
            most_bytes: usize::try_from(reply.bytes()).unwrap_or(usize::MAX),
        })
    }

    /// The plugin's answer, or what its client is told instead. Dropped, the instance that is at work is gone.
    pub(super) async fn handle(
        &self,
        shared: &Shared,
        request: Request<Bytes>,
        origin: Origin,
    ) -> Result<Response<Bytes>, Refusal> {
        let (plugin, limit) = (shared.name(), shared.time());
        let ends = Instant::now() + limit;
        let method = request.method().clone();
        let request_id = origin.request_id.clone();
        let around = shared.started_by(StartedBy::Http);
        let mut ended = None;
        let slot = &mut ended;
        let begin: Begin<'_> = Box::new(move |origin| {
            Box::pin(async move {
                let answer = self.invoke(request, &origin, ends).await?;
                let answer = answer.and_then(|response| response_of(&method, response));
                let end = match &answer {
                    Ok(_) => End::Returned,
                    Err(_) => End::Failed,
                };
                *slot = Some(answer);
                Ok(end)
            })
        });
        let invocation = around.around(origin, begin);
        let failed = match timeout_at(ends, invocation).await {
            Ok(ended) => ended.err(),
            Err(_) => {
                tracing::error!(plugin, request_id, ?limit, "stopped at its limit of time");
                let why = format!("the plugin did not answer within {limit:?}, its limit");
                return Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, why));
            }
        };
        if let Some(error) = failed {
            let why = format!("{error:#}");
            let why = start(&why, MOST_TOLD);
            tracing::error!(
                plugin,
                request_id,
                why,
                "a plugin that HTTP started was ended"
            );
            return Err(match error.downcast_ref::<Halted>() {
                Some(halted) => halted.halt().into(),
                None => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the plugin failed"),
            });
        }
        let ended = ended.unwrap_or(Err(Wrong::None));
        ended.map_err(|wrong| {
            if matches!(wrong, Wrong::TooLarge) {
                shared.counters.limited.add("reply");
            }
            let why = wrong.to_string();
            let why = start(&why, MOST_TOLD);
            tracing::error!(plugin, request_id, why, "a plugin gave no answer to HTTP");
            // What is in an error is the plugin's own.
            let told = match wrong {
                Wrong::Error(_) => "the plugin gave an error for an answer",
                _ => why,
            };
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, told)
        })
    }

    /// What the plugin answers. It counts when the plugin has returned: who traps behind its answer has none.
    async fn invoke(
        &self,
        request: Request<Bytes>,
        origin: &Origin,
        ends: Instant,
    ) -> wasmtime::Result<Result<Response<Bytes>, Wrong>> {
        let mut working = self.pool.take().await?;
        let instance = &mut working.instance;
        let left = ends.saturating_duration_since(Instant::now());
        instance.begin(left).hooks.invoked(origin);
        let (sender, receiver) = oneshot::channel();
        let kept = Arc::clone(&instance.store.data().bodies);
        let handed = |bytes| Full::new(Bytes::from_owner(Handed { bytes, _kept: kept }));
        let request = request.map(handed);
        let mut view = instance.store.data_mut().http();
        let asked = view.new_incoming_request(Scheme::Http, request)?;
        let out = view.new_response_outparam(sender)?;
        let handler = instance.plugin.wasi_http_incoming_handler();
        let answer = {
            let handling = pin!(handler.call_handle(&mut instance.store, asked, out));
            let answer = pin!(answered(receiver, self.most_bytes));
            match select(handling, answer).await {
                Either::Left((ended, answer)) => {
                    ended?;
                    // What it has written is all there by now, and what is not there never comes.
                    // Nor is it late because this task has done much.
                    let answer = unconstrained(answer).now_or_never();
                    answer.unwrap_or(Err(Wrong::Unfinished))
                }
                // It may go on writing for ever.
                Either::Right((Err(Wrong::TooLarge), _)) => Err(Wrong::TooLarge),
                Either::Right((answer, handling)) => {
                    handling.await?;
                    answer
                }
            }
        };
        let state = working.instance.store.data_mut();
        // Languages with a garbage collector may drop them late.
        let keeps_too_much =
            Arc::strong_count(&state.bodies) > MOST_BODIES || state.handles() > MOST_HANDLES;
        // One that is not at its end goes on with it, whoever has it next.
        let is_at_end = !matches!(answer, Err(Wrong::TooLarge | Wrong::Unfinished));
        if is_at_end && !keeps_too_much {
            self.pool.give_back(working);
        }
        Ok(answer)
    }
}

impl From<Halt> for Refusal {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::NoRoom => Self::later(Duration::ZERO, "there is no room for the request now"),
            Halt::OutOfTime => {
                let why = "the plugin did not answer within its limit of processor time";
                Self::new(StatusCode::GATEWAY_TIMEOUT, why)
            }
            _ => Self::later(Duration::ZERO, "the plugin is paused"),
        }
    }
}

/// A body, and that the guest has it.
struct Handed {
    bytes: Bytes,
    _kept: Arc<()>,
}

impl AsRef<[u8]> for Handed {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Bodies that an instance may keep and still be used again, and the store's own.
const MOST_BODIES: usize = 16 + 1;

/// Handles of anything that it may keep. Each may be of a request with the largest of heads.
const MOST_HANDLES: usize = 256;

/// As much as the log has of what a plugin says.
const MOST_TOLD: usize = 1024;
