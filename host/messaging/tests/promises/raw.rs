//! A peer that says to the broker what neither our client nor Python's would.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::amqp::{
    Arguments, BASIC_CONSUME, BASIC_CONSUME_OK, BASIC_DELIVER, BASIC_PUBLISH, BODY, CHANNEL_CLOSE,
    CHANNEL_CLOSE_OK, CHANNEL_OPEN, CHANNEL_OPEN_OK, CONNECTION_OPEN, CONNECTION_OPEN_OK,
    CONNECTION_START, CONNECTION_START_OK, CONNECTION_TUNE, CONNECTION_TUNE_OK, EXCHANGE_DECLARE,
    EXCHANGE_DECLARE_OK, EXCHANGE_DELETE, EXCHANGE_DELETE_OK, Frame, GREETING, HEADER, Id,
    Properties, QUEUE_BIND, QUEUE_BIND_OK, QUEUE_DECLARE, QUEUE_DECLARE_OK, QUEUE_DELETE,
    QUEUE_DELETE_OK, Value, content, read_frame,
};
use super::node::Login;

/// One connection with one channel.
pub(crate) struct Raw {
    stream: BufReader<TcpStream>,
    delivered: VecDeque<Bytes>,
}

/// What an exchange or a queue is declared as.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Declared {
    pub(crate) passive: bool,
    pub(crate) durable: bool,
    /// A queue for this connection alone.
    pub(crate) exclusive: bool,
    pub(crate) auto_delete: bool,
    /// An exchange that only other exchanges publish to.
    pub(crate) internal: bool,
}

impl Raw {
    /// Connects to the tests' node.
    pub(crate) async fn open() -> Self {
        Self::open_as(&Login::of_the_node()).await
    }

    pub(crate) async fn open_as(login: &Login) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", login.port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(GREETING).await.unwrap();
        let mut raw = Self {
            stream: BufReader::new(stream),
            delivered: VecDeque::new(),
        };
        raw.expect(CONNECTION_START).await.unwrap();
        let response = format!("\0{}\0{}", login.user, login.password);
        let start = Arguments::new()
            .table(&[])
            .short("PLAIN")
            .long(response.as_bytes());
        raw.send(0, CONNECTION_START_OK, start.short("en_US")).await;
        raw.expect(CONNECTION_TUNE).await.unwrap();
        let tune = Arguments::new().u16(2047).u32(128 * 1024).u16(0);
        raw.send(0, CONNECTION_TUNE_OK, tune).await;
        let open = Arguments::new().short("/").short("").u8(0);
        raw.send(0, CONNECTION_OPEN, open).await;
        raw.expect(CONNECTION_OPEN_OK).await.unwrap();
        raw.open_channel().await;
        raw
    }

    /// Declares an exchange. Fails with the broker's words.
    pub(crate) async fn exchange(
        &mut self,
        name: &str,
        kind: &str,
        declared: Declared,
    ) -> Result<(), String> {
        let arguments = Arguments::new().u16(0).short(name).short(kind);
        let arguments = arguments.u8(declared.bits(1 << 2)).table(&[]);
        let ask = self.ask(EXCHANGE_DECLARE, arguments, EXCHANGE_DECLARE_OK);
        ask.await.map(drop)
    }

    pub(crate) async fn has_exchange(&mut self, name: &str) -> bool {
        let passive = Declared {
            passive: true,
            ..Declared::default()
        };
        self.exchange(name, "topic", passive).await.is_ok()
    }

    pub(crate) async fn delete_exchange(&mut self, name: &str) {
        let arguments = Arguments::new().u16(0).short(name).u8(0);
        let ask = self.ask(EXCHANGE_DELETE, arguments, EXCHANGE_DELETE_OK);
        ask.await.unwrap();
    }

    /// Declares a queue that goes with nobody. Brokers from 4.3 on take durable ones only.
    pub(crate) async fn queue(&mut self, name: &str, arguments: &[(&str, Value<'_>)]) {
        let declared = Declared {
            durable: true,
            ..Declared::default()
        };
        self.declare(name, declared, arguments).await.unwrap();
    }

    /// How many messages wait in a queue; none if it is not there.
    pub(crate) async fn waiting_in(&mut self, queue: &str) -> Option<u32> {
        let passive = Declared {
            passive: true,
            ..Declared::default()
        };
        let answer = self.declare(queue, passive, &[]).await.ok()?;
        let mut arguments = answer.arguments();
        arguments.short();
        Some(arguments.u32())
    }

    /// Declares a queue. Fails with the broker's words.
    pub(crate) async fn declare(
        &mut self,
        name: &str,
        declared: Declared,
        arguments: &[(&str, Value<'_>)],
    ) -> Result<Frame, String> {
        let declare = Arguments::new().u16(0).short(name);
        let declare = declare.u8(declared.bits(1 << 3)).table(arguments);
        self.ask(QUEUE_DECLARE, declare, QUEUE_DECLARE_OK).await
    }

    pub(crate) async fn delete_queue(&mut self, name: &str) {
        let arguments = Arguments::new().u16(0).short(name).u8(0);
        let ask = self.ask(QUEUE_DELETE, arguments, QUEUE_DELETE_OK);
        ask.await.unwrap();
    }

    pub(crate) async fn bind(&mut self, queue: &str, exchange: &str, key: &str) {
        let arguments = Arguments::new().u16(0).short(queue).short(exchange);
        let arguments = arguments.short(key).u8(0).table(&[]);
        self.ask(QUEUE_BIND, arguments, QUEUE_BIND_OK)
            .await
            .unwrap();
    }

    /// Publishes without asking what became of it.
    pub(crate) async fn publish(
        &mut self,
        exchange: &str,
        key: &str,
        properties: Properties<'_>,
        body: &[u8],
    ) {
        let arguments = Arguments::new().u16(0).short(exchange).short(key).u8(0);
        let mut bytes = Vec::with_capacity(body.len() + 256);
        Frame::method(1, BASIC_PUBLISH, arguments).encode(&mut bytes);
        content(1, &properties, body, &mut bytes);
        self.stream.get_mut().write_all(&bytes).await.unwrap();
    }

    /// Publishes a request or a reply in its envelope.
    pub(crate) async fn publish_json(&mut self, exchange: &str, key: &str, message: &Json) {
        let body = envelope(&message.to_string());
        self.publish(exchange, key, Properties::JSON, &body).await;
    }

    /// Has messages of a queue sent here, without acknowledgement.
    pub(crate) async fn consume(&mut self, queue: &str) {
        self.consume_with(queue, 1 << 1).await.unwrap();
    }

    /// As [`consume`](Self::consume), and nobody else gets any.
    pub(crate) async fn consume_alone(&mut self, queue: &str) {
        self.consume_with(queue, 1 << 1 | 1 << 2).await.unwrap();
    }

    /// As [`consume`](Self::consume), and acknowledges none. Fails with the broker's words.
    pub(crate) async fn keep(&mut self, queue: &str) -> Result<(), String> {
        self.consume_with(queue, 0).await
    }

    async fn consume_with(&mut self, queue: &str, bits: u8) -> Result<(), String> {
        let arguments = Arguments::new().u16(0).short(queue).short("");
        let arguments = arguments.u8(bits).table(&[]);
        let ask = self.ask(BASIC_CONSUME, arguments, BASIC_CONSUME_OK);
        ask.await.map(drop)
    }

    /// The next message of what is consumed; none when it does not come in time.
    pub(crate) async fn next(&mut self, limit: Duration) -> Option<Bytes> {
        if let Some(body) = self.delivered.pop_front() {
            return Some(body);
        }
        let until = Instant::now() + limit;
        loop {
            let frame = timeout_at(until, read_frame(&mut self.stream)).await;
            let frame = frame.ok()?.unwrap();
            if frame.id() == Some(BASIC_DELIVER) {
                return Some(self.read_content().await.unwrap());
            }
        }
    }

    /// The next request of what is consumed, out of its envelope.
    pub(crate) async fn next_json(&mut self, limit: Duration) -> Json {
        let body = self.next(limit).await.expect("a message comes in time");
        unwrapped(&body)
    }

    async fn open_channel(&mut self) {
        self.send(1, CHANNEL_OPEN, Arguments::new().short("")).await;
        self.expect(CHANNEL_OPEN_OK).await.unwrap();
    }

    async fn send(&mut self, channel: u16, id: Id, arguments: Arguments) {
        let mut bytes = Vec::new();
        Frame::method(channel, id, arguments).encode(&mut bytes);
        self.stream.get_mut().write_all(&bytes).await.unwrap();
    }

    async fn ask(&mut self, id: Id, arguments: Arguments, answer: Id) -> Result<Frame, String> {
        self.send(1, id, arguments).await;
        self.expect(answer).await
    }

    /// A channel that the broker closes is opened again.
    async fn expect(&mut self, expected: Id) -> Result<Frame, String> {
        loop {
            let frame = read_frame(&mut self.stream).await.unwrap();
            match frame.id() {
                Some(id) if id == expected => return Ok(frame),
                Some(CHANNEL_CLOSE) => {
                    let mut arguments = frame.arguments();
                    let why = format!("{} {}", arguments.u16(), arguments.short());
                    self.send(1, CHANNEL_CLOSE_OK, Arguments::new()).await;
                    Box::pin(self.open_channel()).await;
                    return Err(why);
                }
                Some(BASIC_DELIVER) => {
                    let body = self.read_content().await.unwrap();
                    self.delivered.push_back(body);
                }
                _ => {}
            }
        }
    }

    async fn read_content(&mut self) -> io::Result<Bytes> {
        let mut body = Vec::new();
        let mut size = None;
        loop {
            let frame = read_frame(&mut self.stream).await?;
            match frame.kind {
                HEADER => {
                    let mut payload = frame.payload.slice(4..);
                    size = Some(payload.get_u64());
                }
                BODY => body.extend_from_slice(&frame.payload),
                _ => {}
            }
            if size == Some(body.len() as u64) {
                return Ok(body.into());
            }
        }
    }
}

impl Declared {
    fn bits(self, auto_delete: u8) -> u8 {
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        let always = bit(self.passive, 1) | bit(self.durable, 1 << 1);
        let exchange = bit(self.internal, 1 << 3);
        always | exchange | bit(self.exclusive, 1 << 2) | bit(self.auto_delete, auto_delete)
    }
}

/// A message's body around its text.
pub(crate) fn envelope(message: &str) -> Vec<u8> {
    let body = json!({"oslo.version": "2.0", "oslo.message": message});
    body.to_string().into_bytes()
}

/// A message out of its body.
pub(crate) fn unwrapped(body: &[u8]) -> Json {
    let outer: Json = serde_json::from_slice(body).unwrap();
    serde_json::from_str(outer["oslo.message"].as_str().unwrap()).unwrap()
}
