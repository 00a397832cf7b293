//! What comes from the broker.

use bytes::Bytes;

use super::{Connection, Phase};
use crate::protocol::channel::{INTERRUPTED, Message, Phase as ChannelPhase, unexpected};
use crate::protocol::error::{ConnectionError, Refusal};
use crate::protocol::event::{Ended, Event};
use crate::protocol::frame::{Frame, FrameKind};
use crate::protocol::handshake::Agreed;
use crate::protocol::method::Method;
use crate::protocol::primitive::{Long, Short};
use crate::protocol::table::RawTable;

impl<P, R> Connection<P, R> {
    pub(super) fn frame(&mut self, frame: Frame) -> Result<(), ConnectionError> {
        let Frame {
            kind,
            channel,
            payload,
        } = frame;
        match (kind, channel) {
            (FrameKind::Heartbeat, _) => Ok(()),
            (FrameKind::Method, 0) => self.connection_method(&payload),
            (FrameKind::Method, number) => self.channel_method(number, payload),
            (FrameKind::Header | FrameKind::Body, number) => {
                let message_max = self.config.message_max;
                let channel = self
                    .channels
                    .get_mut(&number)
                    .ok_or(ConnectionError::Misplaced(
                        "content came on a channel that is not open",
                    ))?;
                let message = match kind {
                    FrameKind::Header => channel.header(&payload, message_max)?,
                    _ => channel.body(payload)?,
                };
                message.map_or(Ok(()), |message| self.message(number, message))
            }
        }
    }

    fn connection_method(&mut self, payload: &Bytes) -> Result<(), ConnectionError> {
        let method = Method::decode(payload)?;
        match (&self.phase, method) {
            (
                _,
                Method::ConnectionClose {
                    reply_code,
                    reply_text,
                    class,
                    method,
                },
            ) => {
                self.outgoing.method(0, &Method::ConnectionCloseOk {});
                Err(ConnectionError::Closed(Refusal {
                    code: reply_code,
                    text: reply_text.to_text().into_owned(),
                    method: (class, method),
                }))
            }
            (Phase::Closing, Method::ConnectionCloseOk {}) => Err(ConnectionError::ClosedByUs),
            (Phase::Start, Method::ConnectionStart { mechanisms, .. }) => {
                self.config.login.check_offered(mechanisms.0)?;
                let properties = self.config.properties().encode();
                let response = self.config.login.response();
                let start_ok = Method::ConnectionStartOk {
                    client_properties: RawTable::new(&properties),
                    mechanism: Short::new(self.config.login.mechanism()).unwrap_or_default(),
                    response: Long(&response),
                    locale: Short::new("en_US").unwrap_or_default(),
                };
                self.login_bytes = self.outgoing.method(0, &start_ok);
                self.phase = Phase::Tune;
                Ok(())
            }
            (
                Phase::Tune,
                Method::ConnectionTune {
                    channel_max,
                    frame_max,
                    heartbeat,
                },
            ) => {
                self.agreed = Agreed::between(&self.config, channel_max, frame_max, heartbeat);
                let Agreed {
                    channel_max,
                    frame_max,
                    heartbeat,
                } = self.agreed;
                let tune_ok = Method::ConnectionTuneOk {
                    channel_max,
                    frame_max,
                    heartbeat,
                };
                self.outgoing.method(0, &tune_ok);
                let open = Method::ConnectionOpen {
                    virtual_host: self.config.short_virtual_host()?,
                    reserved: Short::EMPTY,
                    insist: false,
                };
                self.outgoing.method(0, &open);
                self.is_sent(self.last_received);
                self.phase = Phase::Opening;
                Ok(())
            }
            (Phase::Opening, Method::ConnectionOpenOk { .. }) => {
                self.phase = Phase::Open;
                self.events.push_back(Event::Opened(self.agreed));
                Ok(())
            }
            (Phase::Open, Method::ConnectionBlocked { reason }) => {
                let reason = reason.to_text().into_owned();
                self.events.push_back(Event::Blocked(reason));
                Ok(())
            }
            (Phase::Open, Method::ConnectionUnblocked {}) => {
                self.events.push_back(Event::Unblocked);
                Ok(())
            }
            (Phase::Open, Method::ConnectionUpdateSecretOk {}) => {
                let event = self.itself.answered(0, &method)?;
                self.events.push_back(event);
                Ok(())
            }
            // The broker may say this and that before it answers our close.
            (Phase::Closing, _) => Ok(()),
            (_, method) => Err(unexpected(&method, "on the connection, in this state")),
        }
    }

    fn channel_method(&mut self, number: u16, payload: Bytes) -> Result<(), ConnectionError> {
        let method = Method::decode(&payload)?;
        let Some(channel) = self.channels.get_mut(&number) else {
            return Err(unexpected(&method, "on a channel that is not open"));
        };
        match method {
            Method::ChannelClose {
                reply_code,
                reply_text,
                class,
                method,
            } => {
                let refusal = Refusal {
                    code: reply_code,
                    text: reply_text.to_text().into_owned(),
                    method: (class, method),
                };
                let ended = Ended::Channel(refusal.clone());
                if channel.phase == ChannelPhase::Open {
                    self.end_channel(number, &ended);
                } else {
                    // It is answered, and so is ours: before that the number is not free.
                    let written = self.outgoing.written();
                    channel.tell(number, &ended, written, &mut self.events);
                    channel.refused = Some(refusal);
                }
                self.reply(number, &Method::ChannelCloseOk {});
                return Ok(());
            }
            Method::ChannelCloseOk {} if channel.phase == ChannelPhase::Closing => {
                let refused = channel.refused.take();
                let ended = refused.map_or(Ended::ChannelByUs, Ended::Channel);
                self.end_channel(number, &ended);
                return Ok(());
            }
            // What becomes of messages counts even then.
            Method::BasicAck { .. }
            | Method::BasicNack { .. }
            | Method::BasicDeliver { .. }
            | Method::BasicReturn { .. } => {}
            _ if channel.phase == ChannelPhase::Closing => return Ok(()),
            _ => {}
        }
        if channel.is_within_content() {
            return Err(INTERRUPTED);
        }
        let event = match method {
            Method::BasicAck {
                delivery_tag,
                multiple,
            } => {
                self.confirmed(number, delivery_tag, multiple, false);
                return Ok(());
            }
            Method::BasicNack {
                delivery_tag,
                multiple,
                ..
            } => {
                self.confirmed(number, delivery_tag, multiple, true);
                return Ok(());
            }
            Method::BasicDeliver { .. } | Method::BasicReturn { .. } => {
                return channel.begins(payload);
            }
            Method::BasicCancel {
                consumer_tag,
                no_wait,
            } => {
                if !no_wait {
                    self.reply(number, &Method::BasicCancelOk { consumer_tag });
                }
                Event::Cancelled { channel: number }
            }
            Method::ChannelFlow { active } => {
                channel.is_paused = !active;
                self.reply(number, &Method::ChannelFlowOk { active });
                return Ok(());
            }
            method => channel.answered(number, &method)?,
        };
        self.events.push_back(event);
        Ok(())
    }

    /// Nothing but a heartbeat follows our own close of the connection.
    fn reply(&mut self, number: u16, method: &Method<'_>) {
        if self.phase == Phase::Open {
            self.outgoing.method(number, method);
        }
    }

    fn is_closing(&self, number: u16) -> bool {
        let channel = self.channels.get(&number);
        channel.is_some_and(|channel| channel.phase == ChannelPhase::Closing)
    }

    fn confirmed(&mut self, number: u16, tag: u64, multiple: bool, nacked: bool) {
        if let Some(channel) = self.channels.get_mut(&number) {
            let events = &mut self.events;
            channel
                .confirms
                .settled(tag, multiple, nacked, |publish, outcome| {
                    events.push_back(Event::Settled { publish, outcome });
                });
        }
    }

    fn message(&mut self, number: u16, message: Message) -> Result<(), ConnectionError> {
        match Method::decode(&message.method)? {
            Method::BasicDeliver { .. } if self.is_closing(number) => {}
            Method::BasicDeliver { delivery_tag, .. } => {
                let delivery = message.delivery(delivery_tag);
                self.events.push_back(Event::Delivered {
                    channel: number,
                    delivery,
                });
            }
            // It comes before the confirmation of the message that it returns, which it names.
            _ => {
                let named = message.properties.read().message_id;
                let named =
                    named.and_then(|id| std::str::from_utf8(id.as_bytes()).ok()?.parse().ok());
                if let (Some(named), Some(channel)) = (named, self.channels.get_mut(&number)) {
                    channel.confirms.returned(named);
                }
            }
        }
        Ok(())
    }
}
