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
            "three times 12 MiB at once: 3 done, 0 refused",
            "six times 12 MiB at once: 5 done, 1 refused",
        ]
    );
}
