//! A client of HTTP that says what it is told to, byte by byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// A request on a connection of its own.
pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, &format!("GET {path}"), "", b"").await
}

/// The same with more headers, each with its end, and a body.
pub(crate) async fn ask(address: SocketAddr, asked: &str, headers: &str, body: &[u8]) -> Answer {
    let mut connection = Connection::open(address).await;
    let length = body.len();
    let head = format!(
        "{asked} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    connection.say(head.as_bytes()).await;
    connection.say(body).await;
    connection.answer().await.expect("there is an answer")
}

pub(crate) struct Connection {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await;
        Self {
            stream: stream.unwrap().unwrap(),
            heard: Vec::new(),
        }
    }

    /// Says it, unless the other end has gone.
    pub(crate) async fn say(&mut self, bytes: &[u8]) {
        let _ = self.says(bytes).await;
    }

    /// Whether the other end has let all of it be said.
    pub(crate) async fn says(&mut self, bytes: &[u8]) -> bool {
        let said = timeout(PATIENCE, self.stream.write_all(bytes)).await;
        said.is_ok_and(|said| said.is_ok())
    }

    /// A request that leaves the connection open.
    pub(crate) async fn get(&mut self, path: &str) -> Option<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        self.say(head.as_bytes()).await;
        self.answer().await
    }

    /// The next answer; none if the connection ends before.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        let head = loop {
            let end = self.heard.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head: Vec<u8> = self.heard.drain(..end + 4).collect();
                break String::from_utf8(head).unwrap();
            }
            if !self.hear().await {
                return None;
            }
        };
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let mut answer = Answer {
            status,
            head,
            body: String::new(),
        };
        let length = answer.header("content-length").unwrap_or("0");
        let length: usize = length.parse().unwrap();
        while self.heard.len() < length {
            if !self.hear().await {
                return None;
            }
        }
        let body: Vec<u8> = self.heard.drain(..length).collect();
        answer.body = String::from_utf8_lossy(&body).into_owned();
        Some(answer)
    }

    /// Whether the other end has ended it, which it has to do in time.
    pub(crate) async fn is_ended(&mut self) -> bool {
        while self.hear().await {}
        true
    }

    async fn hear(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let heard = timeout(PATIENCE, self.stream.read(&mut bytes)).await;
        let heard = heard.expect("the other end says something, or ends it");
        let heard = heard.unwrap_or(0);
        self.heard.extend(&bytes[..heard]);
        heard > 0
    }
}

const PATIENCE: Duration = Duration::from_secs(60);
