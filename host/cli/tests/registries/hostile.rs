//! Registries that do not do what a registry does. Nothing of Docker's behaves so.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::at_work::{AtWork, check_failure};
use super::by_hand::digest;

/// Listens, and does this with each who comes.
fn listen(answer: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            thread::spawn(move || answer(stream));
        }
    });
    address
}

/// Says, on each connection, what this says about the first line of a request.
fn speak(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + Clone + 'static) -> String {
    listen(move |mut stream| {
        if let Some(line) = request(&mut stream) {
            let _ = stream.write_all(&answer(&line));
        }
    })
}

/// Reads a request, and returns its first line.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).ok()?.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some(head.lines().next()?.to_owned())
}

fn with_body(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn pull(address: &str) -> (AtWork, std::process::Output, Duration) {
    let work = AtWork::new();
    let name = format!("{address}/a:1");
    let began = Instant::now();
    let output = work.run(&["pull", "--plain-http", "--time-limit", "2", &name]);
    (work, output, began.elapsed())
}

#[test]
fn a_registry_that_is_silent_is_waited_for_no_longer_than_is_said() {
    let address = listen(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let (work, output, took) = pull(&address);
    check_failure(&output, 6, &["longer than 2 s", &address, "--time-limit"]);
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(work.files().is_empty());
    // One that goes on for ever, too: each part comes soon, and there is no last one.
    let address = listen(|mut stream| {
        request(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"1\r\n \r\n").is_ok() {
            thread::sleep(Duration::from_millis(10));
        }
    });
    let (_, output, _) = pull(&address);
    check_failure(&output, 6, &["longer than 2 s"]);
}

#[test]
fn a_registry_that_is_gone_or_hangs_up_is_told() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let (_, output, _) = pull(&address);
    check_failure(&output, 13, &["no connection", &address, "efused"]);
    let (_, output, _) = pull(&listen(drop));
    check_failure(&output, 13, &["no connection"]);
    let (_, output, _) = pull(&listen(|mut stream| {
        let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
    }));
    check_failure(&output, 13, &["no connection"]);
    let work = AtWork::new();
    work.fails(
        &["pull", "no-such-registry.invalid/a:1"],
        12,
        &["`no-such-registry.invalid` is unknown"],
    );
}

#[test]
fn what_makes_no_sense_is_an_error_and_no_end_of_the_program() {
    let token = |token: &'static str| {
        let realm = speak(move |_| with_body("200 OK", "", token.as_bytes()));
        speak(move |_| {
            let wants = format!("WWW-Authenticate: Bearer realm=\"http://{realm}/token\"\r\n");
            with_body("401 Unauthorized", &wants, b"")
        })
    };
    let (_, output, _) = pull(&token(r#"{"token": "one\nX-Other: two"}"#));
    check_failure(&output, 9, &["cannot be sent"]);
    let (_, output, _) = pull(&token("{}"));
    check_failure(&output, 9, &["makes no sense"]);
    let (_, output, _) = pull(&speak(|line| match line {
        "get /v2/ http/1.1" => with_body("200 OK", "", b""),
        _ => with_body("200 OK", "", b"{\"schemaVersion\": \"\x1b[2J\"}"),
    }));
    check_failure(&output, 9, &["makes no sense"]);
    assert!(!output.stderr.contains(&0x1b), "{output:?}");
    let (_, output, _) = pull(&speak(|line| match line {
        "get /v2/ http/1.1" => with_body("200 OK", "", b""),
        _ => with_body("500 Oh", "", &[b'x'; 10_000]),
    }));
    check_failure(&output, 15, &["status 500", "xxx"]);
    assert!(output.stderr.len() < 1000, "{output:?}");
}

#[test]
fn an_upload_that_goes_on_nowhere_is_an_error_and_no_end_of_the_program() {
    let push = |address: &str| {
        let work = AtWork::with_plugin();
        let name = format!("{address}/a:1");
        let output = work.run(&["push", "--plain-http", "divider.wasm", &name]);
        check_failure(&output, 9, &["makes no sense"]);
    };
    let nowhere = "Location: http://:::/\r\n";
    push(&speak(move |line| match line.split(' ').next() {
        Some("head") => with_body("404 Not Found", "", b""),
        Some("post") => with_body("202 Accepted", nowhere, b""),
        _ => with_body("200 OK", "", b""),
    }));
    // Nor does it where the same is tried in another way.
    let asked = Arc::new(AtomicUsize::new(0));
    push(&speak(move |line| match line.split(' ').next() {
        Some("head") => with_body("404 Not Found", "", b""),
        Some("post") if asked.fetch_add(1, Ordering::Relaxed) > 0 => {
            with_body("202 Accepted", nowhere, b"")
        }
        Some("post") => with_body("202 Accepted", "Location: /upload\r\n", b""),
        _ => with_body("200 OK", "", b""),
    }));
}

#[test]
fn more_than_a_manifest_says_is_not_taken() {
    let manifest = |size: u64, digest: &str| {
        let (wasm, config) = ("application/wasm", "application/vnd.wasm.config.v0+json");
        format!(
            r#"{{"schemaVersion": 2, "config": {{"mediaType": "{config}", "digest": "{digest}", "size": 2}},
               "layers": [{{"mediaType": "{wasm}", "digest": "{digest}", "size": {size}}}]}}"#
        )
    };
    let of_layer = |size: u64, layer: Vec<u8>| {
        let manifest = manifest(size, &digest(b"something else"));
        let address = speak(move |line| match line {
            "get /v2/ http/1.1" => with_body("200 OK", "", b""),
            line if line.contains("/manifests/") => with_body("200 OK", "", manifest.as_bytes()),
            _ => layer.clone(),
        });
        pull(&address)
    };
    let (_, output, _) = of_layer(1 << 40, Vec::new());
    check_failure(&output, 17, &["256MiB", "--max-size"]);
    let (work, output, _) = of_layer(10, with_body("200 OK", "", &[0; 100_000]));
    check_failure(&output, 18, &["more of", "10 bytes"]);
    assert!(work.files().is_empty());
    let (_, output, _) = of_layer(10, with_body("200 OK", "", &[0; 10]));
    check_failure(&output, 18, &["not what its digest says"]);
    // The rest of it never comes.
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec();
    let (work, output, _) = of_layer(10, cut);
    check_failure(&output, 13, &["no connection"]);
    assert!(work.files().is_empty());
}

#[test]
fn an_address_that_a_manifest_names_is_not_asked() {
    let asked = TcpListener::bind("127.0.0.1:0").unwrap();
    asked.set_nonblocking(true).unwrap();
    let other = asked.local_addr().unwrap();
    let wanted = digest(b"x");
    let manifest = format!(
        r#"{{"schemaVersion": 2, "config": {{"mediaType": "a/b", "digest": "{wanted}", "size": 2}},
           "layers": [{{"mediaType": "application/wasm", "digest": "{wanted}", "size": 1,
           "urls": ["http://{other}/x"]}}]}}"#
    );
    let (_, output, _) = pull(&speak(move |line| match line {
        "get /v2/ http/1.1" => with_body("200 OK", "", b""),
        line if line.contains("/manifests/") => with_body("200 OK", "", manifest.as_bytes()),
        _ => with_body("404 Not Found", "", b""),
    }));
    check_failure(&output, 16, &["has no"]);
    assert!(asked.accept().is_err(), "the other address was asked");
}

#[test]
fn a_signal_ends_it_and_leaves_nothing() {
    let address = listen(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let work = AtWork::new();
    let child = work
        .program()
        .args(["pull", "--plain-http", &format!("{address}/a:1")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    let id = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    check_failure(&output, 143, &["terminated"]);
    assert!(work.files().is_empty());
}
