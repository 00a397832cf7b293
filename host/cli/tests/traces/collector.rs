//! As much of a collector as takes spans.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

pub(crate) struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<Exported>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Exported {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Collector {
    pub(crate) fn start(address: &str) -> Self {
        Self::refusing(address, 0)
    }

    /// One that refuses so many spans of each request.
    pub(crate) fn refusing(address: &str, rejected_spans: i64) -> Self {
        let refused = ExportTracePartialSuccess {
            rejected_spans,
            error_message: "no room".to_owned(),
        };
        let answer = ExportTraceServiceResponse {
            partial_success: (rejected_spans > 0).then_some(refused),
        };
        let answer = answer.encode_to_vec();
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let taken: Arc<Mutex<Vec<Exported>>> = Arc::default();
        let book = Arc::clone(&taken);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if let Ok(exported) = take(&stream, &answer) {
                    book.lock().unwrap().push(exported);
                }
            }
        });
        Self { address, taken }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken.lock().unwrap().is_empty()
    }

    /// How many spans came.
    pub(crate) fn spans(&self) -> usize {
        let taken = self.taken.lock().unwrap();
        taken.iter().map(|exported| exported.spans().len()).sum()
    }

    /// What the one request had.
    pub(crate) fn exported(&self) -> Exported {
        let taken = self.taken.lock().unwrap();
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken[0].clone()
    }
}

fn take(stream: &TcpStream, answer: &[u8]) -> std::io::Result<Exported> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim_end().is_empty() {
            break;
        }
        if let Some(told) = line.to_lowercase().strip_prefix("content-length:") {
            length = told.trim().parse().unwrap();
        }
        head += &line;
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut stream = stream;
    let length = answer.len();
    let answered =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    stream.write_all(&[answered.as_bytes(), answer].concat())?;
    Ok(Exported { head, body })
}

impl Exported {
    fn request(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(&*self.body).unwrap()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self.request().resource_spans.into_iter();
        let scopes = resources.flat_map(|it| it.scope_spans);
        scopes.flat_map(|it| it.spans).collect()
    }

    /// The name of the service of each resource.
    pub(crate) fn services(&self) -> Vec<String> {
        let resources = self.request().resource_spans.into_iter();
        let name = |it: opentelemetry_proto::tonic::trace::v1::ResourceSpans| {
            let attributes = it.resource.unwrap().attributes;
            text(&attributes, "service.name").unwrap().to_owned()
        };
        resources.map(name).collect()
    }
}

/// A text that a span has.
pub(crate) fn attribute<'a>(span: &'a Span, name: &str) -> Option<&'a str> {
    text(&span.attributes, name)
}

fn text<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|it| it.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn id(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}
