use std::time::Duration;

/// What one store's guest may use at most. A guest that reaches one gets `limit-exceeded` with
/// the name given here, unless something else is said.
///
/// ```
/// let mut limits = oslo_messaging_wasmtime::Limits::default();
/// limits.clients = 16;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest that a call or cast may take; a longer timeout is cut to it. Default: one
    /// hour, twice what OpenStack's `long_rpc_timeout` asks for, so that it cuts only mistakes.
    pub call_timeout: Duration,
    /// How many calls and casts run at the same time; further ones wait for their turn, inside
    /// their own timeout. Default: 128, because more than 64 on one connection to RabbitMQ gain
    /// no throughput.
    pub calls_in_flight: usize,
    /// `clients`: open clients. Default: 4096, because languages with a garbage collector drop
    /// prepared copies late.
    pub clients: usize,
    /// The length of a method and of each part of a target; more is `invalid-argument`. Default:
    /// 255, what an AMQP name can hold.
    pub name_bytes: usize,
    /// `pending-bytes`: requests that run or wait for their turn, all together. Default: 64 MiB.
    pub pending_bytes: usize,
    /// `pending-calls`: requests that run or wait for their turn. Default: 1024.
    pub pending_calls: usize,
    /// The size of a result; more is `invalid-reply`, because the method was executed. Default:
    /// 64 MiB, as a transport's own limit, which holds as well.
    pub reply_bytes: usize,
    /// `request-bytes`: context, method and arguments of one request. Default: 16 MiB, the most
    /// that a RabbitMQ 4 broker accepts as it comes.
    pub request_bytes: usize,
    /// `requests`: the messages of one `call-all`. Default: 1024.
    pub requests: usize,
    /// The length of a list of settings; more is `invalid-argument`. Default: 64, several times
    /// the number of settings there are.
    pub settings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            call_timeout: Duration::from_secs(60 * 60),
            calls_in_flight: 128,
            clients: 4096,
            name_bytes: 255,
            pending_bytes: 64 * MIB,
            pending_calls: 1024,
            reply_bytes: 64 * MIB,
            request_bytes: 16 * MIB,
            requests: 1024,
            settings: 64,
        }
    }
}
