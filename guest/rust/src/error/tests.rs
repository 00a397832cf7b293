use serde_json::json;

use super::*;

fn message() -> String {
    "m".to_owned()
}

fn remote(module: &str, class: &str, message: &str) -> types::RemoteError {
    types::RemoteError {
        class: class.to_owned(),
        module: module.to_owned(),
        message: message.to_owned(),
        args: r#"["division by zero", 7]"#.to_owned(),
        kwargs: r#"{"code": 3}"#.to_owned(),
        traceback: vec!["line".to_owned()],
    }
}

#[test]
fn every_case_keeps_its_detail() {
    let check = |sent: types::Error, expected: Error| assert_eq!(Error::from(sent), expected);
    check(
        types::Error::Timeout(types::TimeoutError {
            waiting_for: types::WaitingFor::Reply,
            delivery: types::Delivery::MaybeDelivered,
            limit: 1_500_000_000,
            message: message(),
        }),
        Error::Timeout {
            waiting_for: WaitingFor::Reply,
            delivery: Delivery::MaybeDelivered,
            limit: Duration::from_millis(1500),
            message: message(),
        },
    );
    check(
        types::Error::NoSuchTarget(types::NoSuchTargetError {
            exchange: "e".into(),
            routing_key: "t.s".into(),
            message: message(),
        }),
        Error::NoSuchTarget {
            exchange: "e".into(),
            routing_key: "t.s".into(),
            message: message(),
        },
    );
    check(
        types::Error::DeliveryFailure(types::DeliveryError {
            delivery: types::Delivery::NotSent,
            message: message(),
        }),
        Error::DeliveryFailure {
            delivery: Delivery::NotSent,
            message: message(),
        },
    );
    check(
        types::Error::VersionCap(types::VersionCapError {
            version: None,
            version_cap: "1.5".into(),
            message: message(),
        }),
        Error::VersionCap {
            version: None,
            version_cap: "1.5".into(),
            message: message(),
        },
    );
    check(
        types::Error::InvalidTarget(message()),
        Error::InvalidTarget(message()),
    );
    check(
        types::Error::InvalidArgument(types::InvalidArgumentError {
            argument: "args".into(),
            message: message(),
        }),
        Error::InvalidArgument {
            argument: "args".into(),
            message: message(),
        },
    );
    check(
        types::Error::AccessDenied(types::AccessDeniedError {
            rule: "r".into(),
            message: message(),
        }),
        Error::AccessDenied {
            rule: "r".into(),
            message: message(),
        },
    );
    check(
        types::Error::LimitExceeded(types::LimitExceededError {
            limit: "request-bytes".into(),
            message: message(),
        }),
        Error::LimitExceeded {
            limit: "request-bytes".into(),
            message: message(),
        },
    );
    check(
        types::Error::InvalidReply(message()),
        Error::InvalidReply(message()),
    );
    check(types::Error::Other(message()), Error::Other(message()));
}

#[test]
fn a_remote_exception_is_matched_by_module_and_class() {
    let sent = types::Error::Remote(remote("builtins", "ZeroDivisionError", "division by zero"));
    let error = Error::from(sent);
    let remote = error.remote().unwrap();
    assert!(remote.is("builtins", "ZeroDivisionError"));
    assert!(!remote.is("exceptions", "ZeroDivisionError"));
    assert!(!remote.is("builtins", "ValueError"));
    assert_eq!(remote.args, [json!("division by zero"), json!(7)]);
    assert_eq!(remote.kwargs["code"], json!(3));
    assert_eq!(remote.traceback, ["line"]);
    assert_eq!(error.to_string(), "ZeroDivisionError: division by zero");
}

#[test]
fn a_remote_exception_prints_as_python_prints_it() {
    let check = |module, class, message, printed: &str| {
        assert_eq!(
            RemoteError::from(remote(module, class, message)).to_string(),
            printed
        );
    };
    check("builtins", "KeyError", "'a'", "KeyError: 'a'");
    check(
        "nova.exception",
        "NotFound",
        "no",
        "nova.exception.NotFound: no",
    );
    check("", "Oops", "", "Oops");
}

#[test]
fn remote_arguments_that_do_not_fit_a_value_are_kept_as_text() {
    let mut sent = remote("builtins", "OverflowError", "");
    sent.args = "[1e999]".to_owned();
    sent.kwargs = r#"{"a": "\ud800"}"#.to_owned();
    let error = RemoteError::from(sent);
    assert_eq!(error.args, [json!("[1e999]")]);
    assert_eq!(error.kwargs["kwargs"], json!(r#"{"a": "\ud800"}"#));
}

#[test]
fn each_question_has_one_answer() {
    let timeout = |delivery| Error::Timeout {
        waiting_for: WaitingFor::Reply,
        delivery,
        limit: Duration::ZERO,
        message: message(),
    };
    let check = |error: Error, was: bool, may_have_been: bool| {
        assert_eq!(error.was_executed(), was, "{error:?}");
        assert_eq!(error.may_have_been_executed(), may_have_been, "{error:?}");
    };
    check(timeout(Delivery::MaybeDelivered), false, true);
    check(timeout(Delivery::NotSent), false, false);
    check(
        Error::DeliveryFailure {
            delivery: Delivery::MaybeDelivered,
            message: message(),
        },
        false,
        true,
    );
    check(Error::InvalidReply(message()), true, false);
    check(
        Error::from(types::Error::Remote(remote("m", "C", ""))),
        true,
        false,
    );
    check(Error::serialize("args", "no"), false, false);
    check(Error::InvalidTarget(message()), false, false);
    check(Error::Other(message()), false, false);
    assert!(timeout(Delivery::NotSent).is_timeout());
    assert!(!Error::Other(message()).is_timeout());
}
