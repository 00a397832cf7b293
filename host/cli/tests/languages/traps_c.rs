use crate::run::lines;

#[test]
fn it_survives_its_mistakes() {
    assert_eq!(
        lines("traps-c", &[]),
        [
            "ok  a context in Latin-1: `context` is not UTF-8",
            "ok  a surrogate in a method: `method` is not UTF-8",
            "ok  no method: `method` is missing: its text is NULL",
            "ok  no client: `client` is NULL",
            "ok  JSON that is cut off: it is not JSON: EOF while parsing a value at line 1 column 10",
            "ok  a setting that does not exist: `options` have a default set that is none of \
             `oslo_option`",
            "ok  a server in Latin-1: `server` is not UTF-8",
            "ok  a cap that is no version: a version is `major.minor` or `major.minor.revision`, \
             not `one`",
            "ok  a client that was refused: it is NULL",
            "ok  one bad call among good ones: `context` is not UTF-8",
            "ok  4097 options: at most 4096 options may be open",
            "ok  a transport that was not granted: no transport `secret` is granted",
            "ok  a reply ends with NUL: \"€\"",
            "ok  results that nobody wants: nothing happened",
            "ok  10000 messages: memory did not grow",
        ]
    );
}

#[test]
fn it_survives_its_mistakes_with_calls_in_flight() {
    for name in ["traps-c-async", "traps-c-poll"] {
        assert_eq!(lines(name, &[]), IN_FLIGHT, "{name}");
    }
}

const IN_FLIGHT: [&str; 8] = [
    "ok  calls end in their own order: the short one first",
    "ok  calls are cancelled: nothing is left",
    "ok  client and options freed before their call ended: \"two\"",
    "ok  a context in Latin-1: `context` is not UTF-8",
    "ok  no client: `client` is NULL",
    "ok  no call: `pending` is NULL",
    "ok  calls are watched: while others are made",
    "ok  10000 calls, 100 in flight: memory did not grow",
];
