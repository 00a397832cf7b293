//! A broker that answers what a script says, for what a real one cannot be brought to do.
//!
//! It knows one channel from another and confirms what is published, and that is all: it routes
//! nothing and delivers nothing.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Buf;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::amqp::{
    Arguments, BASIC_ACK, BASIC_CANCEL, BASIC_CANCEL_OK, BASIC_CONSUME, BASIC_CONSUME_OK,
    BASIC_PUBLISH, BASIC_QOS, BASIC_QOS_OK, BODY, CHANNEL_CLOSE, CHANNEL_CLOSE_OK, CHANNEL_OPEN,
    CHANNEL_OPEN_OK, CONFIRM_SELECT, CONFIRM_SELECT_OK, CONNECTION_CLOSE, CONNECTION_CLOSE_OK,
    CONNECTION_OPEN, CONNECTION_OPEN_OK, CONNECTION_START, CONNECTION_START_OK, CONNECTION_TUNE,
    EXCHANGE_DECLARE, EXCHANGE_DECLARE_OK, Frame, HEADER, Id, QUEUE_BIND, QUEUE_BIND_OK,
    QUEUE_DECLARE, QUEUE_DECLARE_OK, QUEUE_DELETE, QUEUE_DELETE_OK, Value, read_frame,
};

/// A running one. Dropped, it ends all its connections.
pub(crate) struct Scripted {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
    accepting: AbortHandle,
}

/// What it has seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    /// Channels that are open now.
    pub(crate) channels: usize,
    pub(crate) most_channels: usize,
    /// Messages that came whole.
    pub(crate) published: usize,
    /// How often each method came.
    pub(crate) methods: HashMap<Id, usize>,
}

/// What it does about a method.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// What a broker does when all is well.
    Good,
    CloseChannel(u16, &'static str),
    CloseConnection(u16, &'static str),
    /// Nothing, now and as long as the connection lasts, reading included.
    Deaf,
    /// Nothing this time.
    Silence,
}

impl Scripted {
    /// The script is asked about every method but those that end something.
    pub(crate) async fn start(
        channel_max: u16,
        script: impl Fn(&Frame) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let script: Arc<Script> = Arc::new(script);
        let accepting = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                let mut connections = tokio::task::JoinSet::new();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    lock(&seen).connections += 1;
                    let connection = Connection {
                        stream: BufReader::new(stream),
                        channel_max,
                        script: Arc::clone(&script),
                        seen: Arc::clone(&seen),
                        channels: HashMap::new(),
                    };
                    connections.spawn(connection.serve());
                }
            }
        });
        Self {
            port,
            seen,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

type Script = dyn Fn(&Frame) -> Answer + Send + Sync;

struct Connection {
    stream: BufReader<TcpStream>,
    channel_max: u16,
    script: Arc<Script>,
    seen: Arc<Mutex<Seen>>,
    channels: HashMap<u16, Channel>,
}

#[derive(Default)]
struct Channel {
    published: u64,
    /// What of a body is to come, while a message comes.
    missing: Option<u64>,
    confirms: bool,
    is_silent: bool,
}

impl Connection {
    async fn serve(mut self) {
        // However the client ends it.
        drop(self.run().await);
        lock(&self.seen).channels -= self.channels.len();
    }

    async fn run(&mut self) -> io::Result<()> {
        let mut greeting = [0; 8];
        self.stream.read_exact(&mut greeting).await?;
        let start = Arguments::new()
            .u8(0)
            .u8(9)
            .table(&[("product", Value::Text("scripted"))])
            .long(b"PLAIN AMQPLAIN")
            .long(b"en_US");
        self.send(0, CONNECTION_START, start).await?;
        loop {
            let frame = read_frame(&mut self.stream).await?;
            match (frame.kind, frame.id()) {
                (HEADER, _) => {
                    let size = frame.payload.slice(4..).get_u64();
                    self.content(frame.channel, size, 0).await?;
                }
                (BODY, _) => {
                    let size = frame.payload.len() as u64;
                    self.content(frame.channel, 0, size).await?;
                }
                (_, Some(CONNECTION_CLOSE)) => {
                    return self.send(0, CONNECTION_CLOSE_OK, Arguments::new()).await;
                }
                (_, Some(CONNECTION_CLOSE_OK)) => return Ok(()),
                (_, Some(id)) => self.method(&frame, id).await?,
                _ => {}
            }
        }
    }

    async fn method(&mut self, frame: &Frame, id: Id) -> io::Result<()> {
        *lock(&self.seen).methods.entry(id).or_default() += 1;
        let closing = |code: u16, text: &str| {
            let close = Arguments::new().u16(code).short(text);
            close.u16(id.0).u16(id.1)
        };
        match (self.script)(frame) {
            Answer::Good => self.answer(frame, id).await,
            Answer::Silence => {
                if id == BASIC_PUBLISH {
                    let channel = self.channels.entry(frame.channel).or_default();
                    (channel.missing, channel.is_silent) = (None, true);
                }
                Ok(())
            }
            Answer::Deaf => std::future::pending().await,
            Answer::CloseChannel(code, text) => {
                self.forget(frame.channel);
                self.send(frame.channel, CHANNEL_CLOSE, closing(code, text))
                    .await
            }
            Answer::CloseConnection(code, text) => {
                self.send(0, CONNECTION_CLOSE, closing(code, text)).await
            }
        }
    }

    async fn answer(&mut self, frame: &Frame, id: Id) -> io::Result<()> {
        let none = Arguments::new();
        let mut asked = frame.arguments();
        let (id, arguments) = match id {
            CONNECTION_START_OK => {
                let tune = none.u16(self.channel_max).u32(128 * 1024).u16(0);
                (CONNECTION_TUNE, tune)
            }
            CONNECTION_OPEN => (CONNECTION_OPEN_OK, none.short("")),
            CHANNEL_OPEN => {
                self.channels.insert(frame.channel, Channel::default());
                let mut seen = lock(&self.seen);
                seen.channels += 1;
                seen.most_channels = seen.most_channels.max(seen.channels);
                drop(seen);
                (CHANNEL_OPEN_OK, none.long(b""))
            }
            CHANNEL_CLOSE => {
                self.forget(frame.channel);
                (CHANNEL_CLOSE_OK, none)
            }
            EXCHANGE_DECLARE => (EXCHANGE_DECLARE_OK, none),
            QUEUE_DECLARE => {
                asked.u16();
                (QUEUE_DECLARE_OK, none.short(&asked.short()).u32(0).u32(0))
            }
            QUEUE_BIND => (QUEUE_BIND_OK, none),
            QUEUE_DELETE => (QUEUE_DELETE_OK, none.u32(0)),
            BASIC_QOS => (BASIC_QOS_OK, none),
            BASIC_CONSUME => {
                asked.u16();
                asked.short();
                (BASIC_CONSUME_OK, none.short(&asked.short()))
            }
            BASIC_CANCEL => (BASIC_CANCEL_OK, none.short(&asked.short())),
            CONFIRM_SELECT => {
                self.channels.entry(frame.channel).or_default().confirms = true;
                (CONFIRM_SELECT_OK, none)
            }
            _ => return Ok(()),
        };
        self.send(frame.channel, id, arguments).await
    }

    /// So many bytes are to come, so many came.
    async fn content(&mut self, channel: u16, size: u64, came: u64) -> io::Result<()> {
        let Some(state) = self.channels.get_mut(&channel) else {
            return Ok(());
        };
        let missing = state.missing.unwrap_or_default() + size - came;
        state.missing = Some(missing);
        if missing > 0 {
            return Ok(());
        }
        state.missing = None;
        state.published += 1;
        lock(&self.seen).published += 1;
        if !state.confirms || state.is_silent {
            return Ok(());
        }
        let tag = state.published;
        let ack = Arguments::new().u64(tag).u8(0);
        self.send(channel, BASIC_ACK, ack).await
    }

    fn forget(&mut self, channel: u16) {
        if self.channels.remove(&channel).is_some() {
            lock(&self.seen).channels -= 1;
        }
    }

    async fn send(&mut self, channel: u16, id: Id, arguments: Arguments) -> io::Result<()> {
        let mut bytes = Vec::new();
        Frame::method(channel, id, arguments).encode(&mut bytes);
        self.stream.get_mut().write_all(&bytes).await
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
