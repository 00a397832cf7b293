//! A connection and a broker, the bytes between them, and all that the connection told.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use oslo_amqp::protocol::{
    Answer, Config, Connection, ConnectionError, Delivery, Ended, Event, Login, Method, Never,
    Outcome, Properties, Publish, RawTable, Reserved,
};

use crate::broker::{Broker, Settings};
use crate::wire::short;

pub(crate) struct Session {
    pub(crate) connection: Connection<u64, u64>,
    pub(crate) broker: Broker,
    pub(crate) now: Instant,
    /// What the connection told, in words.
    pub(crate) log: Vec<String>,
    /// What became of each message, and how much had come from the broker by then.
    pub(crate) outcomes: BTreeMap<u64, Vec<(Outcome, u64)>>,
    pub(crate) answers: BTreeMap<u64, Vec<Result<Answer, Ended>>>,
    pub(crate) delivered: Vec<(u16, Delivery)>,
    /// How many messages and requests were taken.
    pub(crate) taken: (u64, u64),
    pub(crate) sent: u64,
    pub(crate) received: u64,
    buffer: BytesMut,
    pieces: Pieces,
}

/// How a stream is cut into pieces.
#[derive(Clone)]
pub(crate) enum Pieces {
    Whole,
    /// Once, at this position of both streams.
    At(u64),
    Random(fastrand::Rng),
}

impl Session {
    pub(crate) fn new(pieces: Pieces, settings: Settings) -> Self {
        Self::with(pieces, settings, |_| ())
    }

    pub(crate) fn with(
        pieces: Pieces,
        settings: Settings,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let now = Instant::now();
        let login = Login::AmqPlain {
            user: "guest".to_owned(),
            password: "guest".to_owned(),
        };
        let mut config = Config::new(login, "/");
        change(&mut config);
        Self {
            connection: Connection::new(config, now),
            broker: Broker::new(settings),
            now,
            log: Vec::new(),
            outcomes: BTreeMap::new(),
            answers: BTreeMap::new(),
            delivered: Vec::new(),
            taken: (0, 0),
            sent: 0,
            received: 0,
            buffer: BytesMut::new(),
            pieces,
        }
    }

    /// From now on the streams are cut like this.
    pub(crate) fn cut(&mut self, pieces: Pieces) {
        self.pieces = pieces;
    }

    /// Gives the broker at most so many of the bytes that wait for it.
    pub(crate) fn write(&mut self, most: usize) -> usize {
        let outgoing = self.connection.outgoing();
        let most = self.pieces.next(self.sent, outgoing.len().min(most));
        let mut slices = [IoSlice::new(&[]); 8];
        let filled = outgoing.slices(&mut slices);
        let waiting = slices[..filled].iter().flat_map(|slice| slice.iter());
        let bytes: Vec<u8> = waiting.take(most).copied().collect();
        outgoing.advance(bytes.len());
        self.sent += bytes.len() as u64;
        self.broker.receive(&bytes);
        bytes.len()
    }

    /// Gives the connection at most so many of the bytes that wait for it.
    pub(crate) fn hear(&mut self, most: usize) -> usize {
        let most = most.min(self.broker.outgoing.len());
        let most = self.pieces.next(self.received, most);
        let bytes = self.broker.outgoing.split_to(most);
        self.received += most as u64;
        self.buffer.extend_from_slice(&bytes);
        if most > 0 {
            // That it ended is seen in what it told.
            drop(self.connection.receive(self.now, &mut self.buffer));
        }
        self.collect();
        most
    }

    /// Until neither has anything to say.
    pub(crate) fn pump(&mut self) {
        while self.write(usize::MAX) + self.hear(usize::MAX) > 0 {}
    }

    pub(crate) fn lost(&mut self) {
        self.connection.lost(ConnectionError::NoFrameEnd);
        self.collect();
    }

    /// Time passes, and the connection is asked as often as it wants to be.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.connection.next_timeout().filter(|next| *next <= end) {
            assert!(next >= self.now, "a time-out in the past");
            self.now = next;
            if self.connection.handle_timeout(self.now).is_ok() {
                let next = self.connection.next_timeout();
                assert!(next.is_some_and(|next| next > self.now), "it turns round");
            }
            self.collect();
            self.pump();
        }
        self.now = end;
    }

    pub(crate) fn open(&mut self) -> Option<u16> {
        let number = self.connection.open_channel(self.taken.1).ok()?;
        self.taken.1 += 1;
        let select = Method::ConfirmSelect { no_wait: Never };
        self.request(number, &select);
        Some(number)
    }

    pub(crate) fn request(&mut self, number: u16, method: &Method<'_>) -> bool {
        let request = self.taken.1;
        match self.connection.request(number, method, request) {
            Ok(()) => self.taken.1 += 1,
            Err(back) => assert_eq!(back, request),
        }
        self.taken.1 > request
    }

    pub(crate) fn declare(&mut self, number: u16) -> bool {
        let declare = Method::QueueDeclare {
            reserved: Reserved,
            queue: short("queue"),
            passive: false,
            durable: false,
            exclusive: false,
            auto_delete: false,
            no_wait: Never,
            arguments: RawTable::default(),
        };
        self.request(number, &declare)
    }

    pub(crate) fn publish(&mut self, number: u16, exchange: &str, mandatory: bool, size: usize) {
        let id = self.taken.0;
        let key = id.to_string();
        let message = Publish {
            exchange: short(exchange),
            routing_key: short(&key),
            mandatory,
            properties: Properties::builder().content_type(short("application/json")),
            body: Bytes::from(vec![b'x'; size]),
        };
        match self.connection.publish(number, message, id) {
            Ok(()) => self.taken.0 += 1,
            Err(back) => assert_eq!(back, id),
        }
    }

    pub(crate) fn collect(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            self.log.push(told(&event));
            match event {
                Event::Settled { publish, outcome } => {
                    let outcomes = self.outcomes.entry(publish).or_default();
                    outcomes.push((outcome, self.received));
                }
                Event::Answered {
                    request, answer, ..
                } => self.answers.entry(request).or_default().push(answer),
                Event::Delivered { channel, delivery } => self.delivered.push((channel, delivery)),
                _ => {}
            }
        }
    }
}

impl Pieces {
    fn next(&mut self, position: u64, waiting: usize) -> usize {
        match self {
            Self::Whole => waiting,
            Self::At(cut) => match usize::try_from(cut.saturating_sub(position)) {
                Ok(before @ 1..) if before < waiting => before,
                _ => waiting,
            },
            Self::Random(random) => waiting.min(random.usize(1..=40)),
        }
    }
}

fn told(event: &Event<u64, u64>) -> String {
    match event {
        Event::Delivered { channel, delivery } => format!(
            "Delivered {channel}: {} of {} bytes, {:?}, {:?}",
            delivery.tag,
            delivery.size,
            delivery.route(),
            delivery.body,
        ),
        event => format!("{event:?}"),
    }
}

/// What most scripts want of the broker.
pub(crate) const PROMPT: Settings = Settings {
    channel_max: 2047,
    frame_max: 131_072,
    heartbeat: 60,
    mechanisms: "PLAIN AMQPLAIN",
    prompt: true,
    hasty: false,
};
/// It confirms when it is told to.
pub(crate) const SLOW: Settings = Settings {
    prompt: false,
    ..PROMPT
};
