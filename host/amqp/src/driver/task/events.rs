//! What the broker tells.

use std::sync::{Arc, OnceLock};

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::{Stream, Task};
use crate::driver::State;
use crate::driver::consumer::LAZY;
use crate::driver::inbox::{Asked, ChannelState};
use crate::protocol::{Answer, Ended, Event, Method};

impl<S: Stream> Task<S> {
    pub(super) fn events(&mut self) {
        let (mut settled, mut delivered) = (0, 0);
        while let Some(event) = self.protocol.poll_event() {
            match event {
                Event::Answered {
                    channel,
                    request,
                    answer,
                } => self.answered(channel, request, answer),
                Event::Settled { publish, outcome } => {
                    settled += 1;
                    publish.settled(outcome);
                }
                Event::Delivered { channel, delivery } => {
                    delivered += 1;
                    if let Some(consumer) = self.consumers.get_mut(&channel) {
                        consumer.take(delivery);
                    }
                }
                Event::Cancelled { channel } => {
                    if let Some(mut consumer) = self.consumers.remove(&channel) {
                        consumer.hand_out(self.protocol.outgoing().written());
                        consumer.sink.ended(None);
                    }
                }
                Event::ChannelEnded { channel, why } => self.channel_ended(channel, &why),
                Event::Blocked(reason) => {
                    self.is_blocked = true;
                    self.shared.state.send_replace(State::Blocked(reason));
                }
                Event::Unblocked => {
                    self.is_blocked = false;
                    self.shared.state.send_replace(State::Open);
                }
                Event::Opened(_) => {}
            }
        }
        self.expects_more |= settled > 1 || delivered > 1;
    }

    fn answered(&mut self, number: u16, asked: Asked, answer: Result<Answer, Ended>) {
        match (asked, answer) {
            (Asked::Channel(asked), Ok(_)) => {
                let state = Arc::new(ChannelState {
                    number,
                    ended: OnceLock::new(),
                    has_ended: Notify::new(),
                });
                self.channels.insert(number, Arc::clone(&state));
                if asked.send(Ok(state)).is_err() {
                    // Who asked has gone.
                    self.protocol.close_channel(number);
                }
            }
            (Asked::Answer(asked), Ok(answer)) => drop(asked.send(Ok(answer))),
            (asked, Err(why)) => asked.refuse(why),
        }
    }

    fn channel_ended(&mut self, number: u16, why: &Ended) {
        if let Some(state) = self.channels.remove(&number) {
            // It is set here alone, and once.
            let _ = state.ended.set(why.clone());
            state.has_ended.notify_waiters();
        }
        if let Some(mut consumer) = self.consumers.remove(&number) {
            // The acknowledgement of these has left.
            consumer.hand_out(self.protocol.outgoing().written());
            consumer.sink.ended(Some(why.clone()));
        }
    }

    /// Acknowledges what there is room for, and what was handed out long enough ago.
    pub(super) fn acknowledge(&mut self) {
        let mut owes = false;
        let is_quiet = self.lazy_at.is_some_and(|at| at <= Instant::now());
        for (number, consumer) in &mut self.consumers {
            let mut ack = |delivery_tag| {
                let multiple = true;
                self.protocol.send(
                    *number,
                    &Method::BasicAck {
                        delivery_tag,
                        multiple,
                    },
                );
                self.protocol.outgoing().position()
            };
            consumer.acknowledge(&mut ack);
            if let Some(tag) = consumer.lazy_ack(is_quiet) {
                ack(tag);
            }
            owes |= consumer.owes_ack();
        }
        if !owes || is_quiet {
            self.lazy_at = None;
        }
        if owes && self.lazy_at.is_none() {
            self.lazy_at = Some(Instant::now() + LAZY);
        }
    }

    /// Tells those who wait for what has left.
    pub(super) fn has_written(&mut self) {
        let written = self.protocol.outgoing().written();
        for consumer in self.consumers.values_mut() {
            consumer.hand_out(written);
        }
        let has_left = |(place, _): &mut (u64, oneshot::Sender<()>)| *place <= written;
        for (_, done) in self.flushes.extract_if(.., has_left) {
            // Who waits may have gone.
            let _ = done.send(());
        }
    }
}
