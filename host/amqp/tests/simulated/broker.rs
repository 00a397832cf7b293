//! A broker in memory. It is honest, keeps a record of what it did with each message, and confirms
//! when it is told to, unless it is prompt.

mod acts;

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use oslo_amqp::protocol::{Frame, FrameKind, Long, Method, RawTable, Short};

use self::acts::answer;
use crate::wire::{frame, method, short};

pub(crate) struct Broker {
    pub(crate) settings: Settings,
    /// What it has said that is still on its way.
    pub(crate) outgoing: BytesMut,
    /// How many bytes it has ever said.
    pub(crate) said: u64,
    /// What it did with each message, by the number in the routing key.
    pub(crate) record: BTreeMap<u64, Record>,
    /// The methods that came, but for publishes.
    pub(crate) seen: Vec<String>,
    /// How many heartbeats came.
    pub(crate) heartbeats: usize,
    pub(crate) channels: BTreeMap<u16, Channel>,
    /// The code, the text and the method of a close that came.
    pub(crate) told: Option<(u16, String, (u16, u16))>,
    /// It closed the connection, and since then reads nothing of what comes.
    pub(crate) has_closed: bool,
    incoming: BytesMut,
    phase: Phase,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) channel_max: u16,
    pub(crate) frame_max: u32,
    pub(crate) heartbeat: u16,
    pub(crate) mechanisms: &'static str,
    /// It confirms each message at once.
    pub(crate) prompt: bool,
    /// It refuses a message by its method frame, before the rest has come.
    pub(crate) hasty: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// All of it came.
    pub(crate) whole: bool,
    /// A queue has it.
    pub(crate) routed: bool,
    /// It was returned.
    pub(crate) returned: bool,
    /// Acknowledged or not, and where in what it said that ends.
    pub(crate) said: Option<(bool, u64)>,
}

#[derive(Default)]
pub(crate) struct Channel {
    /// It was closed by the broker, and the answer is awaited.
    closing: bool,
    next: u64,
    /// Messages without a confirmation: number on the channel, number in the record.
    pub(crate) unsettled: BTreeMap<u64, u64>,
    content: Option<Content>,
}

struct Content {
    id: u64,
    exchange: String,
    mandatory: bool,
    header: Option<Bytes>,
    missing: u64,
}

#[derive(PartialEq)]
enum Phase {
    Waiting,
    Open,
    /// It closed the connection, and discards all but the answer.
    Closing,
    Closed,
}

impl Broker {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            outgoing: BytesMut::new(),
            said: 0,
            record: BTreeMap::new(),
            seen: Vec::new(),
            heartbeats: 0,
            channels: BTreeMap::new(),
            told: None,
            has_closed: false,
            incoming: BytesMut::new(),
            phase: Phase::Waiting,
        }
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) {
        self.outgoing.extend_from_slice(bytes);
        self.said += bytes.len() as u64;
    }

    pub(crate) fn method(&mut self, channel: u16, said: &Method<'_>) {
        self.say(&method(channel, said));
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
        if self.phase == Phase::Waiting {
            if self.incoming.len() < 8 {
                return;
            }
            assert_eq!(self.incoming.split_to(8)[..], *b"AMQP\0\0\x09\x01");
            self.phase = Phase::Open;
            let start = Method::ConnectionStart {
                version_major: 0,
                version_minor: 9,
                server_properties: RawTable::default(),
                mechanisms: Long(self.settings.mechanisms.as_bytes()),
                locales: Long(b"en_US"),
            };
            self.method(0, &start);
        }
        let largest = self.settings.frame_max as usize;
        while let Some(frame) = Frame::take(&mut self.incoming, largest).unwrap() {
            self.frame(&frame);
        }
    }

    fn frame(&mut self, frame: &Frame) {
        assert!(self.phase != Phase::Closed, "a frame after the end");
        match frame.kind {
            FrameKind::Heartbeat => self.heartbeats += 1,
            FrameKind::Method => {
                let method = Method::decode(&frame.payload).unwrap();
                if !matches!(method, Method::BasicPublish { .. }) {
                    self.seen
                        .push(format!("{} {}", frame.channel, method.name()));
                }
                if frame.channel == 0 {
                    self.connection_method(&method);
                } else if self.phase == Phase::Open {
                    self.channel_method(frame.channel, &method);
                }
            }
            FrameKind::Header | FrameKind::Body if self.phase == Phase::Open => {
                self.content(frame);
            }
            FrameKind::Header | FrameKind::Body => {}
        }
    }

    fn connection_method(&mut self, method: &Method<'_>) {
        let answer = match method {
            Method::ConnectionStartOk { .. } => Method::ConnectionTune {
                channel_max: self.settings.channel_max,
                frame_max: self.settings.frame_max,
                heartbeat: self.settings.heartbeat,
            },
            Method::ConnectionOpen { .. } => Method::ConnectionOpenOk {
                reserved: Short::EMPTY,
            },
            Method::ConnectionClose {
                reply_code,
                reply_text,
                class,
                method,
            } => {
                let text = reply_text.to_text().into_owned();
                self.told = Some((*reply_code, text, (*class, *method)));
                if self.phase == Phase::Open {
                    self.phase = Phase::Closed;
                }
                Method::ConnectionCloseOk {}
            }
            Method::ConnectionCloseOk {} => {
                assert!(self.phase == Phase::Closing, "close-ok without close");
                self.phase = Phase::Closed;
                return;
            }
            Method::ConnectionUpdateSecret { .. } => Method::ConnectionUpdateSecretOk {},
            _ => return,
        };
        self.method(0, &answer);
    }

    fn channel_method(&mut self, number: u16, method: &Method<'_>) {
        if let Method::ChannelOpen { .. } = method {
            let known = self.channels.insert(number, Channel::default());
            assert!(known.is_none(), "channel {number} is in use");
            assert!(number <= self.settings.channel_max, "{number}");
        }
        let channel = self
            .channels
            .get_mut(&number)
            .expect("a channel that is open");
        match method {
            Method::ChannelCloseOk {} => {
                assert!(channel.closing, "close-ok without close");
                self.channels.remove(&number);
            }
            Method::ChannelClose { .. } => {
                if !channel.closing {
                    self.channels.remove(&number);
                }
                self.method(number, &Method::ChannelCloseOk {});
            }
            Method::BasicPublish {
                exchange,
                routing_key,
                mandatory,
                ..
            } => {
                let id = routing_key.to_text().parse().unwrap();
                let exchange = exchange.to_text().into_owned();
                self.record.entry(id).or_default();
                let is_refused = self.settings.hasty && exchange == MISSING && !channel.closing;
                assert!(channel.content.is_none(), "content within content");
                channel.content = Some(Content {
                    id,
                    exchange,
                    mandatory: *mandatory,
                    header: None,
                    missing: u64::MAX,
                });
                if is_refused {
                    self.refuse(number, 404, (60, 40));
                }
            }
            _ if channel.closing => {}
            method => {
                if let Some(answer) = answer(method) {
                    self.method(number, &answer);
                }
            }
        }
    }

    fn content(&mut self, frame: &Frame) {
        let channel = self
            .channels
            .get_mut(&frame.channel)
            .expect("a channel that is open");
        let content = channel.content.as_mut().expect("a method before");
        match frame.kind {
            FrameKind::Header => {
                content.missing = u64::from_be_bytes(frame.payload[4..12].try_into().unwrap());
                content.header = Some(frame.payload.clone());
            }
            _ => content.missing -= frame.payload.len() as u64,
        }
        if content.missing == 0 {
            let content = channel.content.take().unwrap();
            self.publish(frame.channel, content);
        }
    }

    fn publish(&mut self, number: u16, content: Content) {
        let channel = self.channels.get_mut(&number).unwrap();
        let record = self.record.get_mut(&content.id).unwrap();
        record.whole = true;
        if channel.closing {
            return;
        }
        if content.exchange == MISSING {
            return self.refuse(number, 404, (60, 40));
        }
        channel.next += 1;
        channel.unsettled.insert(channel.next, content.id);
        record.routed = content.exchange == ROUTED;
        if !record.routed && content.mandatory {
            record.returned = true;
            let key = content.id.to_string();
            let mut returned = method(
                number,
                &Method::BasicReturn {
                    reply_code: 312,
                    reply_text: short("NO_ROUTE"),
                    exchange: short(&content.exchange),
                    routing_key: short(&key),
                },
            );
            // The body is of no interest: its size is set to zero.
            let mut header = content.header.unwrap().to_vec();
            header[4..12].fill(0);
            returned.extend(frame(FrameKind::Header, number, &header));
            self.say(&returned);
        }
        if self.settings.prompt {
            let last = self.channels[&number].next;
            self.settle(number, last, false, true);
        }
    }

    /// Whether a channel is there and was not closed by it.
    pub(crate) fn has_open(&self, number: u16) -> bool {
        let channel = self.channels.get(&number);
        self.phase == Phase::Open && channel.is_some_and(|channel| !channel.closing)
    }
}

/// An exchange from which a queue takes everything.
pub(crate) const ROUTED: &str = "routed";
/// An exchange without queues.
pub(crate) const UNROUTABLE: &str = "unroutable";
/// An exchange that does not exist.
pub(crate) const MISSING: &str = "missing";
