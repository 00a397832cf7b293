//! Transport URLs, each beside the real library's reading of it.

use oslo_messaging::TransportUrl;
use serde_json::json;

use crate::documented::table;
use crate::upstream::{ask, parts};

/// What the two make of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// The same parts, or both refuse it.
    Same,
    /// It is refused here, and read there, to fail or mislead later.
    Stricter,
    /// It is read here, and refused there.
    Laxer,
}

use Reading::{Laxer, Same, Stricter};

#[test]
fn every_url_is_read_as_it_is_there_or_as_it_is_said() {
    let cases: Vec<_> = URLS.iter().map(|(url, _)| json!({"url": url})).collect();
    assert!(cases.len() >= 40);
    let (theirs, _) = ask(&cases);
    let mut wrong = Vec::new();
    for ((url, expected), theirs) in URLS.iter().zip(theirs) {
        let ours = TransportUrl::parse(url);
        let is_refused_there = theirs.get("error").is_some();
        let found = match &ours {
            Ok(_) if is_refused_there => Some(Laxer),
            Err(_) if is_refused_there => Some(Same),
            Ok(ours) if parts(ours) == theirs => Some(Same),
            Ok(_) => None,
            Err(_) => Some(Stricter),
        };
        if found != Some(*expected) {
            wrong.push(format!(
                "{url} is not {expected:?}:\n  {ours:?}\n  {theirs}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Those of the documentation are among them, and are not the same.
#[test]
fn urls_that_are_read_otherwise_are_documented() {
    for row in table("| URL | oslo.messaging | here |") {
        for url in row[0].split('`').skip(1).step_by(2) {
            let known = URLS.iter().find(|(known, _)| *known == url);
            let expected = if row[2].starts_with("refused: ") {
                Stricter
            } else {
                Laxer
            };
            assert_eq!(known, Some(&(url, expected)), "{row:?}");
        }
    }
}

const URLS: &[(&str, Reading)] = &[
    ("rabbit:", Same),
    ("rabbit:/", Same),
    ("rabbit://", Same),
    ("rabbit:///", Same),
    ("rabbit:////", Same),
    ("rabbit:///vh", Same),
    ("rabbit://h", Same),
    ("RABBIT://h//", Same),
    ("rabbit://h/%2F", Same),
    ("rabbit://h//nova", Same),
    ("rabbit://h/a/b", Same),
    ("rabbit://h/a%20b", Same),
    ("rabbit://h/a%252Fb", Same),
    ("rabbit://h/v#fragment", Same),
    ("rabbit://u:p@h:1/v", Same),
    ("rabbit://u:p:q@h", Same),
    ("rabbit://u%3Ax:p%40@h", Same),
    ("rabbit://user@domain:p@h", Same),
    ("rabbit://u:p%2Cx@h", Same),
    ("rabbit://u:p%2Fx@h", Same),
    ("rabbit://u:p;x@h", Same),
    ("rabbit://u:p+x@h", Same),
    ("rabbit://u:p%25@h", Same),
    // A `%` that begins no escape.
    ("rabbit://nova:100%sure@h", Same),
    ("rabbit://u:50%@h", Same),
    ("rabbit://u:%%41@h", Same),
    ("rabbit://u%:p%zz%4@h/%v", Same),
    ("rabbit://u:p%c3%a9@h", Same),
    ("rabbit://u@h", Same),
    ("rabbit://u:@h", Same),
    ("rabbit://:p@h", Same),
    ("rabbit://u:p@/bar", Same),
    ("rabbit://h1,h2:2", Same),
    ("rabbit://h1,,h2", Same),
    ("rabbit://u:p@h1,h2", Same),
    ("rabbit://h1:1,u:p@h2", Same),
    ("rabbit://u1:p1@h1:1,u2:p2@h2:2/v", Same),
    ("rabbit://[::1]:5/v", Same),
    ("rabbit://u:p@[::1]:5,u:p@[::2]:5//", Same),
    ("rabbit://[::1]", Same),
    ("rabbit://::1", Same),
    ("rabbit://h/v?ssl=true", Same),
    ("rabbit://h/v?ssl=0&rabbit_retry_interval=2", Same),
    ("rabbit://h/v?ssl_ca_file=/a%20b&ssl_ca_file=c+d", Same),
    ("rabbit://h/v?ssl_ca_file=100%", Same),
    ("rabbit://h/v?ssl=", Same),
    ("rabbit://h/v?ssl", Same),
    (" rabbit://h\n", Same),
    ("rabbit://u:p@h1,\n    u:p@h2/v", Same),
    ("rabbit://u:p@h1,\nu:p@h2/v", Same),
    ("rabbit://u:p\t@h/\r\nv", Same),
    // Refused by both.
    ("//h", Same),
    ("://h", Same),
    ("5672", Same),
    ("rabbit://h:", Same),
    ("rabbit://h:abc", Same),
    ("rabbit://[::1", Same),
    ("rabbit://u:p,x@h", Same),
    ("rabbit://u:p/x@h", Same),
    ("rabbit://u:p?x@h", Same),
    ("rabbit://u:p#x@h", Same),
    // Refused there when it is used: there is no such driver, port, host or option.
    ("h:5672", Stricter),
    ("amqp://h", Stricter),
    ("rabbit://h:0", Stricter),
    ("rabbit://h:99999", Stricter),
    ("rabbit://h:-1", Stricter),
    ("rabbit://h1, h2", Stricter),
    ("rabbit://a%20b", Stricter),
    ("rabbit://h/?foo=5", Stricter),
    ("rabbit://h/?ssl=perhaps", Stricter),
    // What would be printed, sent as another, or guessed.
    ("rabbit://u/x:p@h", Stricter),
    ("rabbit://nova:5672/x@mq", Stricter),
    ("rabbit://nova:5672?x@mq", Stricter),
    ("rabbit://nova:5672#x@mq", Stricter),
    ("rabbit://nova:5672,x@mq", Stricter),
    ("rabbit://u:p%ff@h", Stricter),
    ("", Stricter),
    ("rabbit:h", Stricter),
    // Brackets that are not those of an address.
    ("rabbit://u:p[x@h", Laxer),
];
