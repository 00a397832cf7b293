//! Fuzz targets: functions that take any bytes, and must neither panic nor take long. They run on
//! stable Rust, over a kept corpus and random mutations of it, in every test run.
//!
//! A fuzzer that is guided by coverage needs a nightly compiler and a package of its own; these
//! functions are what it would call.

mod mutate;

use std::path::Path;
use std::time::Instant;

use base64::Engine as _;

use self::mutate::Mutator;
use crate::config::read_text;
use crate::transport::TransportUrl;
use crate::wire::{
    LARGEST, decode_notification, decode_reply, decode_request, decompress, named_calls,
};

fn codec(data: &[u8]) {
    if let Ok(request) = decode_request(data) {
        // What was read can be read again.
        serde_json::from_str::<&serde_json::value::RawValue>(request.args.get()).unwrap();
    }
    drop(decode_reply(data));
    drop(decode_notification(data));
    named_calls(data).for_each(drop);
    for method in ["application/x-gzip", "application/x-bz2"] {
        drop(decompress(Some(method), data, LARGEST));
    }
}

fn url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(url) = TransportUrl::parse(&text) {
        let printed = url.to_string();
        for password in url.hosts().iter().filter_map(|host| host.password()) {
            // A short one may stand elsewhere by chance.
            let elsewhere = text.matches(password).count() > 1;
            assert!(password.len() < 8 || elsewhere || !printed.contains(password));
        }
    }
}

fn ini(data: &[u8]) {
    drop(read_text(data));
}

fn run(target: fn(&[u8]), folder: &str, mut inputs: Vec<Vec<u8>>) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for file in std::fs::read_dir(corpus.join(folder)).unwrap() {
        inputs.push(std::fs::read(file.unwrap().path()).unwrap());
    }
    let seed = crate::id::random().as_u64_pair().0;
    let mut mutator = Mutator::new(fastrand::Rng::with_seed(seed), inputs.clone());
    let runs = std::env::var("OSLO_FUZZ_RUNS").map_or(RUNS, |runs| runs.parse().unwrap());
    let mutations = std::iter::repeat_with(|| mutator.next()).take(runs);
    for input in inputs.into_iter().chain(mutations) {
        let begin = Instant::now();
        let survived = std::panic::catch_unwind(|| target(&input));
        let slow = begin.elapsed().as_secs() >= 2;
        if survived.is_err() || slow {
            let file = std::env::temp_dir().join(format!("fuzz-{folder}-{seed}"));
            std::fs::write(&file, &input).unwrap();
            panic!("slow: {slow}; the input is kept in {}", file.display());
        }
    }
}

#[test]
fn any_body_is_read_or_refused() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut inputs = Vec::new();
    for file in std::fs::read_dir(golden).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let Ok(message) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        if let Some(body) = message["body"].as_str() {
            inputs.push(body.as_bytes().to_vec());
        } else if let Some(body) = message["body_base64"].as_str() {
            let decoded = base64::prelude::BASE64_STANDARD.decode(body).unwrap();
            inputs.push(decoded);
        }
    }
    assert!(inputs.len() > 20, "{}", inputs.len());
    run(codec, "codec", inputs);
}

#[test]
fn any_transport_url_is_read_or_refused() {
    run(url, "url", Vec::new());
}

#[test]
fn any_configuration_is_read_or_refused() {
    run(ini, "ini", Vec::new());
}

const RUNS: usize = 5_000;
