//! Fuzz targets: functions that take any bytes, and must neither panic nor take long. They run on
//! stable Rust, over what Python's clients send (`tests/golden`) and random mutations of it.

mod mutate;
mod stream;

use std::path::Path;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use self::mutate::Mutator;
use super::frame::{Frame, FrameKind};
use super::method::Method;
use super::primitive::Writer;
use super::properties::Properties;
use super::table::{RawTable, RawValue};

fn method(data: &[u8]) {
    if let Ok(method) = Method::decode(data) {
        let mut wire = BytesMut::new();
        method.encode(&mut wire);
        // What is read is what would be written, but for bits that nobody reads.
        assert_eq!(Method::decode(&wire), Ok(method));
        assert!(wire.len() <= data.len());
        assert!(format!("{method:?}").len() < 4_000);
    }
}

fn table(data: &[u8]) {
    let mut tables = vec![RawTable::new(data)];
    let mut entries = 0;
    while let Some(table) = tables.pop() {
        for (name, value) in table.iter() {
            entries += 1;
            assert!(table.get(&name.to_text()).is_some() || name.to_text().contains('\u{fffd}'));
            let text = table.text(&name.to_text());
            assert!(text.is_none() || !table.bit(&name.to_text()));
            if let RawValue::Table(inner) = value {
                tables.push(inner);
            }
            // Names that are looked for among many cost the square.
            if entries > 2_000 {
                return;
            }
        }
    }
}

fn properties(data: &[u8]) {
    let properties = Properties::from_wire(Bytes::copy_from_slice(data));
    let read = properties.read();
    if let Some(headers) = read.headers {
        assert!(headers.iter().count() <= data.len());
    }
    let texts = [read.content_type, read.correlation_id, read.message_id];
    let length: usize = texts.iter().flatten().map(|it| it.as_bytes().len()).sum();
    assert!(length <= data.len());
}

fn run(target: fn(&[u8]), name: &str, inputs: Vec<Vec<u8>>) {
    assert!(inputs.len() > 5, "{name}");
    let seed = fastrand::u64(..);
    let mut mutator = Mutator::new(fastrand::Rng::with_seed(seed), inputs.clone());
    let runs = std::env::var("OSLO_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let mutations = std::iter::repeat_with(|| mutator.next()).take(runs);
    for input in inputs.into_iter().chain(mutations) {
        let begin = Instant::now();
        let survived = std::panic::catch_unwind(|| target(&input));
        let slow = begin.elapsed().as_secs() >= 2;
        if survived.is_err() || slow {
            let file = std::env::temp_dir().join(format!("fuzz-{name}-{seed}"));
            std::fs::write(&file, &input).unwrap();
            panic!("slow: {slow}; the input is kept in {}", file.display());
        }
    }
}

fn golden() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "bin"));
    files.map(|path| std::fs::read(path).unwrap()).collect()
}

/// The payloads of this kind of frame in what Python's clients send.
fn payloads(kind: FrameKind) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    for file in golden() {
        let mut buffer = BytesMut::from(&file[8..]);
        while let Some(frame) = Frame::take(&mut buffer, 4096).unwrap() {
            if frame.kind == kind {
                payloads.push(frame.payload.to_vec());
            }
        }
    }
    payloads
}

#[test]
fn any_method_is_read_or_refused() {
    run(method, "method", payloads(FrameKind::Method));
}

fn written(table: RawTable<'_>) -> Vec<u8> {
    let mut wire = BytesMut::new();
    Writer::new(&mut wire).write(&table);
    wire[4..].to_vec()
}

#[test]
fn any_table_is_read_as_far_as_it_goes() {
    let mut inputs = Vec::new();
    for payload in payloads(FrameKind::Method) {
        match Method::decode(&payload).unwrap() {
            Method::ConnectionStartOk {
                client_properties: table,
                ..
            }
            | Method::QueueDeclare {
                arguments: table, ..
            } => inputs.push(written(table)),
            _ => {}
        }
    }
    // A table in a table in a table.
    let deep = (0_u32..10_000).rev();
    inputs.push(
        deep.flat_map(|level| {
            let inside = level * 7;
            [&b"\x01aF"[..], &inside.to_be_bytes()].concat()
        })
        .collect(),
    );
    run(table, "table", inputs);
}

#[test]
fn any_properties_are_read_as_far_as_they_go() {
    let headers = payloads(FrameKind::Header).into_iter();
    let inputs = headers.map(|header| header[12..].to_vec()).collect();
    run(properties, "properties", inputs);
}

const RUNS: usize = 20_000;
