//! What the handles ask for.

use std::sync::Arc;

use super::{SORT_OUT, Stream, Task, WRITE_AHEAD};
use crate::driver::consumer::{Consumer, Resume};
use crate::driver::inbox::{Asked, ChannelState, Command};
use crate::driver::publish::Depart;
use crate::protocol::{Ended, Method, Outcome};

impl<S: Stream> Task<S> {
    pub(super) fn command(&mut self, command: Command) {
        match command {
            Command::Publish {
                channel,
                publishing,
            } => match channel.ended.get() {
                Some(why) => publishing.refused(why.clone()),
                None => {
                    if self.publishes.len() >= self.sort_out_at {
                        self.publishes
                            .retain(|(_, waiting)| !waiting.is_withdrawn());
                        self.sort_out_at = (self.publishes.len() * 2).max(SORT_OUT);
                    }
                    self.publishes.push_back((channel, publishing));
                }
            },
            Command::Ack {
                channel,
                tag,
                multiple,
            } => {
                if channel.ended.get().is_none() {
                    let ack = Method::BasicAck {
                        delivery_tag: tag,
                        multiple,
                    };
                    self.protocol.send(channel.number, &ack);
                }
            }
            Command::Nack {
                channel,
                tag,
                requeue,
            } => {
                if channel.ended.get().is_none() {
                    let nack = Method::BasicNack {
                        delivery_tag: tag,
                        multiple: false,
                        requeue,
                    };
                    self.protocol.send(channel.number, &nack);
                }
            }
            Command::OpenChannel(answer) => {
                if let Err(asked) = self.protocol.open_channel(Asked::Channel(answer)) {
                    asked.refuse(match self.close_by {
                        Some(_) => Ended::ChannelByUs,
                        None => Ended::NoChannel,
                    });
                }
            }
            Command::Request {
                channel,
                method,
                answer,
            } => {
                self.request(&channel, &method, Asked::Answer(answer));
            }
            Command::Consume {
                channel,
                method,
                acks,
                sink,
                answer,
            } => {
                if channel.ended.get().is_none() {
                    sink.started(Resume(Arc::clone(&self.shared)));
                    self.consumers
                        .insert(channel.number, Consumer::new(sink, acks));
                }
                self.request(&channel, &method, Asked::Answer(answer));
            }
            Command::CloseChannel(channel) => {
                if channel.ended.get().is_none() {
                    self.publish_all();
                    self.protocol.close_channel(channel.number);
                }
            }
            Command::Flush(done) => {
                self.publish_all();
                let outgoing = self.protocol.outgoing();
                if outgoing.is_empty() {
                    // Nothing will be written that could tell. Who waits may have gone.
                    let _ = done.send(());
                } else {
                    self.flushes.push((outgoing.position(), done));
                }
            }
            Command::Close { by } => {
                self.publish_all();
                self.protocol.close();
                self.close_by = Some(self.close_by.map_or(by, |known| known.min(by)));
            }
            // Everybody who has room is asked in any case.
            Command::Resume => {}
        }
    }

    fn request(&mut self, channel: &ChannelState, method: &[u8], asked: Asked) {
        if let Some(why) = channel.ended.get() {
            return asked.refuse(why.clone());
        }
        let Ok(method) = Method::decode(method) else {
            return asked.refuse(Ended::ChannelByUs);
        };
        if let Err(asked) = self.protocol.request(channel.number, &method, asked) {
            asked.refuse(Ended::ChannelByUs);
        }
    }

    /// Puts messages into the stream as long as little waits there. Returns whether more could follow.
    pub(super) fn publish(&mut self) -> bool {
        while self.protocol.outgoing().len() < WRITE_AHEAD {
            if !self.publish_one() {
                return false;
            }
        }
        true
    }

    fn publish_all(&mut self) {
        while self.publish_one() {}
    }

    /// Returns whether there was a message that may leave.
    fn publish_one(&mut self) -> bool {
        if self.is_blocked {
            return false;
        }
        let is_next = |(channel, _): &mut (Arc<ChannelState>, _)| {
            channel.ended.get().is_some() || !self.protocol.is_paused(channel.number)
        };
        let Some((channel, publishing)) = self.publishes.pop_front_if(is_next) else {
            return false;
        };
        if let Some(why) = channel.ended.get() {
            publishing.refused(why.clone());
            return true;
        }
        let protocol = &mut self.protocol;
        let owner = Arc::clone(&publishing);
        let mut unsent = None;
        publishing.depart(Depart {
            send: &mut |message| {
                let owner = Arc::clone(&owner);
                unsent = protocol.publish(channel.number, message, owner).err();
            },
        });
        if let Some(unsent) = unsent {
            unsent.settled(Outcome::NotSent(Ended::ChannelByUs));
        }
        true
    }
}
