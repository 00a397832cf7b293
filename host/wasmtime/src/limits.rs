use std::time::Duration;

use crate::bindings::limits::Host;
use crate::{MessagingCtxView, time};

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
    /// The longest that a call, cast or notification may take; a longer timeout is cut to it. Default: one
    /// hour, twice what OpenStack's `long_rpc_timeout` asks for, so that it cuts only mistakes.
    pub call_timeout: Duration,
    /// How many calls, casts and notifications run at the same time; further ones wait for their turn,
    /// inside their own timeout. Default: 128, because more than 64 on one connection to RabbitMQ gain
    /// no throughput.
    pub calls_in_flight: usize,
    /// `clients`: open clients and notifiers. Default: 4096, because languages with a garbage collector drop
    /// prepared copies late.
    pub clients: usize,
    /// Replies that have come and that the guest does not have yet, all together: those of a
    /// `call-all` that goes on, and of calls of `rpc-poll` whose end it has not taken. One that does
    /// not fit any more is `invalid-reply`, because its method was executed. Default: 128 MiB, two
    /// of the largest.
    pub held_reply_bytes: usize,
    /// The length of a method, of an event type and of each part of a target; more is
    /// `invalid-argument`. A plugin that serves names no longer ones either. Default: 255, what an AMQP
    /// name can hold.
    pub name_bytes: usize,
    /// `options`: open options. Default: 4096, as for clients.
    pub options: usize,
    /// `pending-bytes`: requests that run or wait for their turn, all together; the context of a
    /// notification counts once for each topic. Default: 64 MiB.
    pub pending_bytes: usize,
    /// `pending-calls`: requests that run or wait for their turn. Default: 1024.
    pub pending_calls: usize,
    /// The size of a result's text, or of all texts of an exception; more is `invalid-reply`,
    /// because the method was executed. What a plugin that serves answers has the same limit; more is a
    /// `ValueError` for its caller. Default: 64 MiB, as a transport's own limit, which holds as
    /// well.
    pub reply_bytes: usize,
    /// `request-bytes`: context, method and arguments of one request, or context, event type and payload
    /// of one notification. Default: 16 MiB, the most that a RabbitMQ 4 broker accepts as it comes.
    pub request_bytes: usize,
    /// `requests`: the messages of one `call-all`. Default: 1024.
    pub requests: usize,
    /// `topics`: the topics of one notifier, each of which gets a copy of what it sends. Default: 16.
    pub topics: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            call_timeout: Duration::from_secs(60 * 60),
            calls_in_flight: 128,
            clients: 4096,
            held_reply_bytes: 128 * MIB,
            name_bytes: 255,
            options: 4096,
            pending_bytes: 64 * MIB,
            pending_calls: 1024,
            reply_bytes: 64 * MIB,
            request_bytes: 16 * MIB,
            requests: 1024,
            topics: 16,
        }
    }
}

impl Host for MessagingCtxView<'_> {
    fn remaining(&mut self) -> wasmtime::Result<Option<u64>> {
        Ok(self.ctx.remaining().map(time::to_guest))
    }

    fn request_bytes(&mut self) -> wasmtime::Result<u64> {
        Ok(wide(self.ctx.limits.request_bytes))
    }

    fn reply_bytes(&mut self) -> wasmtime::Result<u64> {
        Ok(wide(self.ctx.limits.reply_bytes))
    }

    fn held_reply_bytes(&mut self) -> wasmtime::Result<u64> {
        Ok(wide(self.ctx.limits.held_reply_bytes))
    }

    fn calls_in_flight(&mut self) -> wasmtime::Result<u32> {
        Ok(narrow(self.ctx.limits.calls_in_flight))
    }

    fn pending_calls(&mut self) -> wasmtime::Result<u32> {
        Ok(narrow(self.ctx.limits.pending_calls))
    }

    fn requests(&mut self) -> wasmtime::Result<u32> {
        Ok(narrow(self.ctx.limits.requests))
    }
}

/// An embedder's "as many as there are" is the most that a guest can be told.
fn wide(limit: usize) -> u64 {
    u64::try_from(limit).unwrap_or(u64::MAX)
}

fn narrow(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}
