//! Running the program as a shell does.

mod clean;

use std::process::Output;

pub(crate) use self::clean::program;

/// Runs it with these words.
pub(crate) fn oslo_plugin(words: &[&str]) -> Output {
    program().args(words).output().expect("the program starts")
}

/// Runs it and checks its exit code, and that a failure is one clear message.
pub(crate) fn check_failure(words: &[&str], code: i32, says: &str) {
    let output = oslo_plugin(words);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {errors}");
    assert!(errors.starts_with("error: "), "{words:?}: {errors}");
    assert!(errors.contains(says), "{words:?}: {errors}");
    assert!(!errors.contains("secret"), "a password is shown: {errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(output.stdout.is_empty(), "{words:?}");
}
