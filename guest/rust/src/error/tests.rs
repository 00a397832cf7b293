use serde_json::json;

use super::*;

fn message() -> String {
    "m".to_owned()
}

fn remote(module: &str, class: &str, message: &str) -> types::RemoteError {
    types::RemoteError {
        type_name: class.to_owned(),
        type_module: module.to_owned(),
        message: message.to_owned(),
        args: r#"["division by zero", 7]"#.to_owned(),
        kwargs: r#"{"code": 3}"#.to_owned(),
        traceback: vec!["line".to_owned()],
    }
}

/// What an error prints in full, which has every field in it.
fn whole(error: impl Into<Error>) -> String {
    format!("{:?}", error.into())
}

#[test]
fn every_case_keeps_its_detail() {
    let check = |sent: types::Error, expected: Error| assert_eq!(whole(sent), whole(expected));
    check(
        types::Error::Timeout(types::TimeoutError {
            waiting_for: types::WaitingFor::Reply,
            outcome: types::Outcome::Unknown,
            limit: 1_500_000_000,
            message: message(),
        }),
        Error::Timeout {
            waiting_for: WaitingFor::Reply,
            outcome: Outcome::Unknown,
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
            outcome: types::Outcome::NotExecuted,
            message: message(),
        }),
        Error::DeliveryFailure {
            outcome: Outcome::NotExecuted,
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
        types::Error::InvalidTarget(types::InvalidTargetError { message: message() }),
        Error::InvalidTarget { message: message() },
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
        types::Error::InvalidReply(types::InvalidReplyError { message: message() }),
        Error::InvalidReply { message: message() },
    );
    check(
        types::Error::Other(types::OtherError {
            outcome: types::Outcome::Executed,
            message: message(),
        }),
        Error::Other {
            outcome: Outcome::Executed,
            message: message(),
        },
    );
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
    assert_eq!((error.args.len(), &*error.args_text), (0, "[1e999]"));
    assert_eq!(
        (error.kwargs.len(), &*error.kwargs_text),
        (0, r#"{"a": "\ud800"}"#)
    );

    // Nor does what a hostile server nests too deep for any reader.
    let mut sent = remote("builtins", "ValueError", "");
    sent.args = "[".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(RemoteError::from(sent).args_text.len(), 200_000);
}

#[test]
fn every_error_says_whether_it_was_executed() {
    let check = |error: Error, outcome: Outcome| {
        assert_eq!(error.outcome(), outcome, "{error:?}");
        assert_eq!(error.was_executed(), outcome == Outcome::Executed);
        assert_eq!(error.may_have_been_executed(), outcome == Outcome::Unknown);
    };
    for outcome in [Outcome::NotExecuted, Outcome::Unknown] {
        let timeout = Error::Timeout {
            waiting_for: WaitingFor::Reply,
            outcome,
            limit: Duration::ZERO,
            message: message(),
        };
        assert!(timeout.is_timeout());
        check(timeout, outcome);
        let message = message();
        check(Error::DeliveryFailure { outcome, message }, outcome);
    }
    // A host may say anything of what this version has no name for.
    for outcome in [Outcome::NotExecuted, Outcome::Unknown, Outcome::Executed] {
        let message = message();
        check(Error::Other { outcome, message }, outcome);
    }
    check(
        Error::InvalidReply { message: message() },
        Outcome::Executed,
    );
    check(
        Error::from(types::Error::Remote(remote("m", "C", ""))),
        Outcome::Executed,
    );
    check(Error::serialize("args", "no"), Outcome::NotExecuted);
    check(
        Error::InvalidTarget { message: message() },
        Outcome::NotExecuted,
    );
}
