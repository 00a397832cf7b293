//! A connection as a state machine: bytes and the time go in; bytes, events and the next time-out
//! come out.

mod incoming;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{BufMut as _, Bytes, BytesMut};

use super::channel::{Channel, Phase as ChannelPhase};
use super::error::ConnectionError;
use super::event::{Ended, Event};
use super::frame::{Frame, FrameKind};
use super::handshake::{Agreed, Config};
use super::method::Method;
use super::outgoing::Outgoing;
use super::primitive::{LONGEST_SHORT, Reserved, Short};
use super::properties::PropertiesBuilder;
use super::table::cut;

/// One connection to a broker. It does no I/O and reads no clock.
///
/// `P` is handed in with each message and comes back with its [outcome](Event::Settled); `R` with each
/// request, and comes back with its [answer](Event::Answered). Each comes back exactly once, whatever
/// happens.
#[derive(Debug)]
pub struct Connection<P, R> {
    config: Config,
    phase: Phase,
    /// The bytes of the frame with the login.
    login_bytes: usize,
    agreed: Agreed,
    channels: BTreeMap<u16, Channel<P, R>>,
    /// Numbers of channels that are no more, and the highest that was ever used.
    unused: (BTreeSet<u16>, u16),
    /// What is asked about the connection itself is answered in order as well.
    itself: Channel<P, R>,
    outgoing: Outgoing,
    events: VecDeque<Event<P, R>>,
    last_received: Instant,
    /// What comes is read: silence is the peer's.
    is_reading: bool,
    last_sent: Instant,
    sent_by_then: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Start,
    Tune,
    Opening,
    Open,
    /// We have closed it and wait for the answer.
    Closing,
    Ended(Arc<ConnectionError>),
}

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Publish<'a> {
    /// Where it goes; empty for the default exchange.
    pub exchange: Short<'a>,
    /// The routing key.
    pub routing_key: Short<'a>,
    /// Whether it is returned when no queue takes it. On a confirming channel its `message-id` is then
    /// its number, whatever was set.
    pub mandatory: bool,
    /// Its properties.
    pub properties: PropertiesBuilder<'a>,
    /// Its body, which is not copied unless it is small.
    pub body: Bytes,
}

impl<P, R> Connection<P, R> {
    /// A connection that begins with the protocol header.
    #[must_use]
    pub fn new(config: Config, now: Instant) -> Self {
        let mut outgoing = Outgoing::default();
        outgoing.raw(b"AMQP\0\0\x09\x01");
        Self {
            agreed: Agreed {
                channel_max: 0,
                frame_max: config.frame_max.max(super::handshake::LEAST_FRAME),
                heartbeat: 0,
            },
            config,
            phase: Phase::Start,
            login_bytes: 0,
            channels: BTreeMap::new(),
            unused: (BTreeSet::new(), 0),
            itself: Channel::new(),
            outgoing,
            events: VecDeque::new(),
            last_received: now,
            is_reading: true,
            last_sent: now,
            sent_by_then: 0,
        }
    }

    /// What was agreed on; before the handshake is done, what we want.
    #[must_use]
    pub const fn agreed(&self) -> Agreed {
        self.agreed
    }

    /// Why it is no more, if so.
    #[must_use]
    pub const fn ended(&self) -> Option<&Arc<ConnectionError>> {
        match &self.phase {
            Phase::Ended(why) => Some(why),
            _ => None,
        }
    }

    /// The bytes that are to be written.
    pub const fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }

    /// What happened next.
    pub fn poll_event(&mut self) -> Option<Event<P, R>> {
        self.events.pop_front()
    }

    /// Takes what came. What is left in the buffer is the beginning of a frame.
    ///
    /// # Errors
    ///
    /// What the peer sent makes no sense, or it closed the connection: the connection has ended, and
    /// whoever waits has been told. What is left in [`outgoing`](Self::outgoing) are the last words: the
    /// answer to the broker's close, or a close with the code of what it has done wrong.
    pub fn receive(
        &mut self,
        now: Instant,
        buffer: &mut BytesMut,
    ) -> Result<(), Arc<ConnectionError>> {
        self.last_received = now;
        loop {
            if let Phase::Ended(why) = &self.phase {
                return Err(Arc::clone(why));
            }
            match Frame::take(buffer, self.agreed.frame_max as usize) {
                Ok(None) => return Ok(()),
                Ok(Some(frame)) => {
                    let method = frame.method();
                    if let Err(error) = self.frame(frame) {
                        self.refuse(error, method);
                    }
                }
                Err(error) => self.refuse(error, (0, 0)),
            }
        }
    }

    /// Ends the connection, and tells the broker for what. Before the connection is open it would take
    /// that for one more mistake.
    fn refuse(&mut self, error: ConnectionError, (class, method): (u16, u16)) {
        let code = error.reply_code().filter(|_| self.phase == Phase::Open);
        let why = self.end(error);
        if let Some(reply_code) = code
            && self.outgoing.is_between_frames()
        {
            let text = why.to_string();
            let close = Method::ConnectionClose {
                reply_code,
                // Words for an operator: their beginning is enough.
                reply_text: Short::new(cut(&text, LONGEST_SHORT)).unwrap_or_default(),
                class,
                method,
            };
            self.outgoing.method(0, &close);
        }
    }

    /// Whether what comes is read. As long as it is not, silence is no sign that the peer is dead, and
    /// afterwards it counts from the moment that reading goes on.
    pub const fn set_reading(&mut self, now: Instant, is_reading: bool) {
        self.is_reading = is_reading;
        self.last_received = now;
    }

    /// Whether an answer is to come: to a request, or to the close of a channel or of the connection.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        let mut channels = self.channels.values().chain([&self.itself]);
        self.phase == Phase::Closing
            || channels.any(|channel| {
                channel.phase == ChannelPhase::Closing || !channel.requests.is_empty()
            })
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let beat = self.heartbeat()?;
        let next_beat = self.last_sent + beat / 2;
        Some(if self.is_reading {
            next_beat.min(self.last_received + beat * 2)
        } else {
            next_beat
        })
    }

    /// The time has come, or may have: sends a heartbeat, or notices that none came.
    ///
    /// # Errors
    ///
    /// Nothing came for two heartbeats, though it was [read](Self::set_reading): the connection has
    /// ended.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Arc<ConnectionError>> {
        let Some(beat) = self.heartbeat() else {
            return Ok(());
        };
        let silence = now.saturating_duration_since(self.last_received);
        if self.is_reading && silence >= beat * 2 {
            let seconds = silence.as_secs();
            return Err(self.end(ConnectionError::HeartbeatMissed { seconds }));
        }
        if self.outgoing.written() > self.sent_by_then {
            self.sent_by_then = self.outgoing.written();
            self.last_sent = now;
        } else if now.saturating_duration_since(self.last_sent) >= beat / 2 {
            // One that could not leave is enough.
            if self.outgoing.is_empty() {
                self.outgoing.frame(FrameKind::Heartbeat, 0, |_| ());
            }
            self.is_sent(now);
        }
        Ok(())
    }

    /// The socket is no more. Whoever waits is told; of the messages those are
    /// [`NotSent`](super::Outcome::NotSent) that were not given to it whole.
    pub fn lost(&mut self, why: ConnectionError) -> Arc<ConnectionError> {
        let bytes = self.login_bytes;
        // The broker does not say so itself.
        let is_login = self.phase == Phase::Tune && bytes > LEAST_LOGIN;
        self.end(match why {
            ConnectionError::Broken { .. } if is_login => ConnectionError::LongLogin { bytes },
            why => why,
        })
    }

    /// Opens a channel, and gives back who asked if there are as many as agreed on, or the
    /// connection is not open.
    ///
    /// # Errors
    ///
    /// The request, which will not be answered.
    pub fn open_channel(&mut self, request: R) -> Result<u16, R> {
        if self.phase != Phase::Open {
            return Err(request);
        }
        let (unused, highest) = &mut self.unused;
        let number = match unused.pop_first() {
            Some(number) => number,
            None if *highest < self.agreed.channel_max => {
                *highest += 1;
                *highest
            }
            None => return Err(request),
        };
        let mut channel = Channel::new();
        let method = Method::ChannelOpen {
            reserved: Short::EMPTY,
        };
        channel.requests.push_back((answer_to(&method), request));
        self.outgoing.method(number, &method);
        self.channels.insert(number, channel);
        Ok(number)
    }

    /// Closes a channel; nothing that waits on it is answered any more but by its end.
    pub fn close_channel(&mut self, number: u16) {
        let Some(channel) = self.channels.get_mut(&number) else {
            return;
        };
        if channel.phase == ChannelPhase::Closing || self.phase != Phase::Open {
            return;
        }
        channel.phase = ChannelPhase::Closing;
        let reply_text = Short::EMPTY;
        let close = Method::ChannelClose {
            reply_code: 200,
            reply_text,
            class: 0,
            method: 0,
        };
        self.outgoing.method(number, &close);
    }

    /// Sends a method that is answered, on a channel or, on number zero, about the connection.
    ///
    /// # Errors
    ///
    /// The request, which will not be answered, when there is no such channel or the method does not
    /// fit into a frame. Nothing was sent.
    pub fn request(&mut self, number: u16, method: &Method<'_>, request: R) -> Result<(), R> {
        let largest_frame = self.agreed.frame_max as usize;
        let begins_at = self.outgoing.position();
        if self.usable(number).is_none() {
            return Err(request);
        }
        if self.outgoing.method(number, method) > largest_frame {
            self.outgoing.take_back(begins_at);
            return Err(request);
        }
        if let Some(channel) = self.usable(number) {
            channel.is_confirming |= matches!(method, Method::ConfirmSelect { .. });
            channel.requests.push_back((answer_to(method), request));
        }
        Ok(())
    }

    /// Sends a method that is not answered. On a channel that is no more it goes nowhere.
    pub fn send(&mut self, number: u16, method: &Method<'_>) {
        if self.usable(number).is_some() {
            self.outgoing.method(number, method);
        }
    }

    /// Whether a channel takes messages now: it confirms, is not about to close, and the broker has
    /// not asked for a pause.
    #[must_use]
    pub fn may_publish(&self, number: u16) -> bool {
        self.channels
            .get(&number)
            .filter(|channel| channel.phase == ChannelPhase::Open && channel.is_confirming)
            .is_some_and(|channel| self.phase == Phase::Open && !channel.is_paused)
    }

    /// Whether the broker has asked for a pause on a channel (`channel.flow`).
    #[must_use]
    pub fn is_paused(&self, number: u16) -> bool {
        let channel = self.channels.get(&number);
        channel.is_some_and(|channel| channel.is_paused)
    }

    /// How many messages of a channel wait for their confirmation.
    #[must_use]
    pub fn unconfirmed(&self, number: u16) -> usize {
        self.channels
            .get(&number)
            .map_or(0, |channel| channel.confirms.waiting())
    }

    /// Sends a message on a confirming channel.
    ///
    /// # Errors
    ///
    /// Who waits, when there is no such channel, it does not confirm, or the properties do not fit
    /// into a frame. Nothing was sent.
    pub fn publish(&mut self, number: u16, message: Publish<'_>, owner: P) -> Result<(), P> {
        let largest_frame = self.agreed.frame_max as usize;
        if self.phase != Phase::Open {
            return Err(owner);
        }
        let channel = match self.channels.get_mut(&number) {
            Some(channel) if channel.phase == ChannelPhase::Open && channel.is_confirming => {
                channel
            }
            _ => return Err(owner),
        };
        let Publish {
            exchange,
            routing_key,
            mandatory,
            mut properties,
            body,
        } = message;
        let mut digits = Digits::default();
        if mandatory {
            properties = properties.message_id(digits.write(channel.confirms.next()));
        }
        let reserved = Reserved;
        let method = Method::BasicPublish {
            reserved,
            exchange,
            routing_key,
            mandatory,
            immediate: false,
        };
        let begins_at = self.outgoing.position();
        self.outgoing.method(number, &method);
        let header = self.outgoing.frame(FrameKind::Header, number, |out| {
            out.put_u16(BASIC);
            out.put_u16(0);
            out.put_u64(body.len() as u64);
            properties.encode(out);
        });
        if header > largest_frame {
            self.outgoing.take_back(begins_at);
            return Err(owner);
        }
        self.outgoing.body(number, body, largest_frame);
        let ends_at = self.outgoing.position();
        channel.confirms.sent(owner, begins_at, ends_at);
        Ok(())
    }

    /// Closes the connection, after everything that is to be written already.
    pub fn close(&mut self) {
        if self.phase == Phase::Open {
            let reply_text = Short::new("OK").unwrap_or_default();
            let close = Method::ConnectionClose {
                reply_code: 200,
                reply_text,
                class: 0,
                method: 0,
            };
            self.outgoing.method(0, &close);
            self.phase = Phase::Closing;
        } else if self.phase != Phase::Closing {
            self.end(ConnectionError::ClosedByUs);
        }
    }

    fn usable(&mut self, number: u16) -> Option<&mut Channel<P, R>> {
        if self.phase != Phase::Open {
            return None;
        }
        let channel = match number {
            0 => Some(&mut self.itself),
            number => self.channels.get_mut(&number),
        };
        channel.filter(|channel| channel.phase == ChannelPhase::Open)
    }

    /// What waits is sent now. It does not count again when its bytes are written.
    const fn is_sent(&mut self, now: Instant) {
        self.last_sent = now;
        self.sent_by_then = self.outgoing.position();
    }

    fn heartbeat(&self) -> Option<Duration> {
        let seconds = u64::from(self.agreed.heartbeat);
        let runs = seconds > 0 && !matches!(self.phase, Phase::Ended(_));
        runs.then(|| Duration::from_secs(seconds))
    }

    fn end(&mut self, error: ConnectionError) -> Arc<ConnectionError> {
        if let Phase::Ended(why) = &self.phase {
            return Arc::clone(why);
        }
        let why = Arc::new(error);
        self.phase = Phase::Ended(Arc::clone(&why));
        let ended = Ended::Connection(Arc::clone(&why));
        let written = self.outgoing.written();
        self.itself.tell(0, &ended, written, &mut self.events);
        for (number, mut channel) in std::mem::take(&mut self.channels) {
            channel.tell(number, &ended, written, &mut self.events);
            let (channel, why) = (number, ended.clone());
            self.events.push_back(Event::ChannelEnded { channel, why });
        }
        // The broker discards what it gets between its close and our answer. Otherwise what is said to
        // be not sent must not be sent after all.
        if !matches!(*why, ConnectionError::Closed(_)) {
            self.outgoing.discard();
        }
        why
    }

    fn end_channel(&mut self, number: u16, why: &Ended) {
        if let Some(mut channel) = self.channels.remove(&number) {
            self.unused.0.insert(number);
            let written = self.outgoing.written();
            channel.tell(number, why, written, &mut self.events);
            let (channel, why) = (number, why.clone());
            self.events.push_back(Event::ChannelEnded { channel, why });
        }
    }
}

/// The numbers of the method that answers this one: always the next.
const fn answer_to(method: &Method<'_>) -> (u16, u16) {
    let (class, id) = method.numbers();
    (class, id + 1)
}

/// A number as a text, without an allocation.
#[derive(Default)]
struct Digits([u8; 20]);

impl Digits {
    fn write(&mut self, mut number: u64) -> Short<'_> {
        let mut length = 0;
        for place in self.0.iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
            length += 1;
            if number == 0 {
                break;
            }
        }
        let digits = self.0.get(self.0.len() - length..).unwrap_or_default();
        Short::new(std::str::from_utf8(digits).unwrap_or_default()).unwrap_or_default()
    }
}

/// Every broker takes a login of so many bytes (specification §4.2.3).
const LEAST_LOGIN: usize = 4096;
/// The class of messages.
const BASIC: u16 = 60;
