//! What an author in each language might stumble over, tried in plugins that say what happened.

#[path = "common/guests.rs"]
mod guests;

#[test]
fn rust_has_clocks_and_is_refused_threads_and_files() {
    assert_eq!(
        guests::lines("traps", &[]),
        [
            "a monotonic clock passes: true",
            "the wall clock is set: true",
            "a thread is refused: true",
            "a file is refused: true",
            "the time left is known: true",
            "a transport that was not granted: no transport `other` is granted",
        ]
    );
}
