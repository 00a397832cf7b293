//! One channel.

use std::collections::VecDeque;

use bytes::Bytes;

use super::confirms::Confirms;
use super::error::{ConnectionError, Refusal};
use super::event::{Answer, Delivery, Ended, Event};
use super::method::Method;
use super::primitive::{Malformed, Reader};
use super::properties::Properties;

/// The state of one channel.
#[derive(Debug)]
pub(crate) struct Channel<P, R> {
    pub(crate) phase: Phase,
    /// Who waits for an answer, and the numbers of the method that will be it. Answers come in order.
    pub(crate) requests: VecDeque<((u16, u16), R)>,
    pub(crate) confirms: Confirms<P>,
    /// `confirm.select` was sent.
    pub(crate) is_confirming: bool,
    /// The broker closed it while we did, and why.
    pub(crate) refused: Option<Refusal>,
    /// The broker has asked for a pause.
    pub(crate) is_paused: bool,
    content: Option<Content>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// We have closed it. Of what comes before the broker's answer nothing counts but what becomes of
    /// messages.
    Closing,
    Open,
}

/// A message whose frames are coming.
#[derive(Debug)]
struct Content {
    method: Bytes,
    header: Option<(Properties, u64)>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// A body of one frame is a slice of the read buffer.
    Whole(Bytes),
    Parts(Vec<u8>),
    /// Too large: so many bytes came, and the last two frames are kept. One alone may be very short.
    Cut(u64, [Bytes; 2]),
}

impl<P, R> Channel<P, R> {
    pub(crate) const fn new() -> Self {
        Self {
            phase: Phase::Open,
            requests: VecDeque::new(),
            confirms: Confirms::new(),
            is_confirming: false,
            refused: None,
            is_paused: false,
            content: None,
        }
    }

    /// Tells everybody who waits why the channel is no more.
    pub(crate) fn tell(
        &mut self,
        number: u16,
        why: &Ended,
        written: u64,
        events: &mut VecDeque<Event<P, R>>,
    ) {
        self.confirms.ended(why, written, |publish, outcome| {
            events.push_back(Event::Settled { publish, outcome });
        });
        for (_, request) in std::mem::take(&mut self.requests) {
            let answer = Err(why.clone());
            events.push_back(Event::Answered {
                channel: number,
                request,
                answer,
            });
        }
    }

    /// A method that answers the first request.
    pub(crate) fn answered(
        &mut self,
        number: u16,
        method: &Method<'_>,
    ) -> Result<Event<P, R>, ConnectionError> {
        match self.requests.pop_front() {
            Some((expected, request)) if expected == method.numbers() => Ok(Event::Answered {
                channel: number,
                request,
                answer: Ok(answer(method)),
            }),
            other => {
                if let Some(other) = other {
                    self.requests.push_front(other);
                }
                Err(unexpected(method, "on a channel that had not asked for it"))
            }
        }
    }

    /// The method frame of a message.
    pub(crate) fn begins(&mut self, method: Bytes) -> Result<(), ConnectionError> {
        if self.content.is_some() {
            return Err(INTERRUPTED);
        }
        self.content = Some(Content {
            method,
            header: None,
            body: Body::Whole(Bytes::new()),
        });
        Ok(())
    }

    /// Whether a message's frames are coming.
    pub(crate) const fn is_within_content(&self) -> bool {
        self.content.is_some()
    }

    /// A header frame. Returns the message, if it has no body.
    pub(crate) fn header(
        &mut self,
        payload: &Bytes,
        message_max: u64,
    ) -> Result<Option<Message>, ConnectionError> {
        let mut reader = Reader::new("content header", payload);
        let [_, _, _, _, size @ ..] = reader.array::<12>().map_err(to_error)?;
        let size = u64::from_be_bytes(size);
        let content = self
            .content
            .as_mut()
            .filter(|content| content.header.is_none())
            .ok_or(ConnectionError::Misplaced(
                "a content header came without its method",
            ))?;
        content.header = Some((Properties::from_wire(payload.slice(12..)), size));
        if size > message_max {
            content.body = Body::Cut(0, Default::default());
        }
        Ok(self.complete())
    }

    /// A body frame. Returns the message, if it is complete.
    pub(crate) fn body(&mut self, payload: Bytes) -> Result<Option<Message>, ConnectionError> {
        let Some(Content {
            header: Some((_, size)),
            body,
            ..
        }) = &mut self.content
        else {
            return Err(ConnectionError::Misplaced(
                "a content body came without its header",
            ));
        };
        let length = payload.len() as u64;
        match body {
            Body::Cut(came, last) => {
                *came = came.saturating_add(length);
                let [before_last, last] = last;
                *before_last = std::mem::replace(last, payload);
            }
            Body::Whole(whole) if whole.is_empty() && length == *size => *whole = payload,
            Body::Whole(_) => {
                // What a header promises is not believed beyond some times what has come.
                let promised = usize::try_from(*size).unwrap_or(usize::MAX);
                let room = promised.min(payload.len().saturating_mul(FIRST_ROOM));
                let mut parts = Vec::with_capacity(room);
                parts.extend_from_slice(&payload);
                *body = Body::Parts(parts);
            }
            Body::Parts(parts) => {
                let promised = usize::try_from(*size).unwrap_or(usize::MAX);
                if parts.capacity() - parts.len() < payload.len() {
                    // Doubled, but to no more than it will be: whoever keeps messages counts their bytes.
                    let left = promised.saturating_sub(parts.len());
                    parts.reserve_exact(parts.len().min(left).max(payload.len()));
                }
                parts.extend_from_slice(&payload);
            }
        }
        if body.length() > *size {
            return Err(ConnectionError::Misplaced(
                "a content body is longer than its header says",
            ));
        }
        Ok(self.complete())
    }

    fn complete(&mut self) -> Option<Message> {
        let content = self.content.as_ref()?;
        let (_, size) = content.header.as_ref()?;
        if content.body.length() < *size {
            return None;
        }
        let Content {
            method,
            header,
            body,
        } = self.content.take()?;
        let (properties, size) = header?;
        Some(Message {
            method,
            properties,
            size,
            is_cut: matches!(body, Body::Cut(..)),
            body: match body {
                Body::Whole(whole) => whole,
                Body::Parts(parts) => parts.into(),
                Body::Cut(_, last) => last.concat().into(),
            },
        })
    }
}

impl Body {
    fn length(&self) -> u64 {
        match self {
            Self::Whole(whole) => whole.len() as u64,
            Self::Parts(parts) => parts.len() as u64,
            Self::Cut(came, _) => *came,
        }
    }
}

/// A message that came whole: delivered or returned.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) method: Bytes,
    pub(crate) properties: Properties,
    body: Bytes,
    size: u64,
    is_cut: bool,
}

impl Message {
    pub(crate) fn delivery(self, tag: u64) -> Delivery {
        Delivery {
            method: self.method,
            tag,
            properties: self.properties,
            body: self.body,
            size: self.size,
            is_cut: self.is_cut,
        }
    }
}

fn answer(method: &Method<'_>) -> Answer {
    match method {
        Method::BasicConsumeOk { consumer_tag } => {
            Answer::Consumer(consumer_tag.as_bytes().to_vec())
        }
        Method::QueueDeclareOk {
            queue,
            message_count,
            consumer_count,
        } => Answer::Queue {
            name: queue.to_text().into_owned(),
            messages: *message_count,
            consumers: *consumer_count,
        },
        _ => Answer::Done,
    }
}

pub(crate) const fn unexpected(method: &Method<'_>, place: &'static str) -> ConnectionError {
    ConnectionError::Unexpected {
        method: method.name(),
        place,
    }
}

pub(crate) const INTERRUPTED: ConnectionError =
    ConnectionError::Misplaced("a method came before its content was complete");

fn to_error(malformed: Malformed) -> ConnectionError {
    ConnectionError::Unreadable(malformed.into())
}

/// How many frames like the first of a body are made room for: with RabbitMQ's, a mebibyte.
const FIRST_ROOM: usize = 8;
