use crate::run::lines;

#[test]
fn it_has_clocks_and_is_refused_threads_and_files() {
    assert_eq!(
        lines("traps", &[]),
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
