//! On whose behalf a request is, as its head says.

use http::HeaderMap;
use http::header::HeaderName;
use oslo_messaging_wasmtime::Origin;

/// As OpenStack's services take it: a request has a new id of its own, which its answer says. An id that it comes
/// with, and which is written as they write theirs, is its global one: calls carry both.
///
/// The `traceparent` is W3C's. Anything else of these headers is a stranger's, and is left out.
pub(super) fn origin(headers: &HeaderMap, request_id: &str) -> Origin {
    let text = |name: &HeaderName, is_good: fn(&str) -> bool| {
        let text = headers.get(name)?.to_str().ok()?;
        is_good(text).then(|| text.to_owned())
    };
    let mut origin = Origin::default();
    origin.request_id = Some(request_id.to_owned());
    origin.global_request_id = text(&REQUEST_ID, is_request_id);
    origin.traceparent = text(&TRACEPARENT, is_traceparent);
    origin
}

fn is_request_id(text: &str) -> bool {
    let id = text.strip_prefix("req-");
    id.is_some_and(|id| is_hexadecimal(id, &[8, 4, 4, 4, 12]))
}

fn is_traceparent(text: &str) -> bool {
    let zero = |part: &str| part.bytes().all(|byte| byte == b'0');
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next(), parts.next(), parts.next());
    is_hexadecimal(text, &[2, 32, 16, 2])
        && version != Some("ff")
        && !trace.is_none_or(zero)
        && !span.is_none_or(zero)
}

/// Lower-case digits in parts of these lengths, with `-` between them.
fn is_hexadecimal(text: &str, lengths: &[usize]) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let parts = text.split('-');
    let fits = |(part, length): (&str, &usize)| part.len() == *length && part.bytes().all(digit);
    parts.clone().count() == lengths.len() && parts.zip(lengths).all(fits)
}

/// `X-Openstack-Request-Id`, as HTTP compares names.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_well_formed_is_taken() {
        let check = |name: &'static str, value: &str, taken: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let origin = origin(&headers, "req-own");
            assert_eq!(origin.request_id.as_deref(), Some("req-own"));
            let found = origin.global_request_id.or(origin.traceparent);
            assert_eq!(found.as_deref(), taken.then_some(value), "{value}");
        };
        let id = "x-openstack-request-id";
        check(id, "req-3f2504e0-4f89-11d3-9a0c-0305e82c3301", true);
        check(id, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", false);
        check(id, "req-3F2504E0-4F89-11D3-9A0C-0305E82C3301", false);
        check(id, "req-3f2504e04f8911d39a0c0305e82c3301", false);
        check(id, "req-3f2504e0-4f89-11d3-9a0c-0305e82c3301-", false);
        check(id, "req-1", false);
        check(id, "", false);
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
        check("traceparent", &format!("00-{trace}-01"), true);
        check("traceparent", &format!("ff-{trace}-01"), false);
        check("traceparent", &format!("00-{trace}"), false);
        check("traceparent", &format!("00-{trace}-01-more"), false);
        let nothing = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        check("traceparent", &nothing, false);
    }
}
