//! What a plugin writes, and who reads it: a reader that stands still stops the plugin alone.

#[path = "common/clean.rs"]
mod clean;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use clean::program;
use tempfile::TempDir;

/// A plugin that writes blocks of 4,096 bytes of text, so many or without end.
fn writer(blocks: Option<u32>) -> (TempDir, PathBuf) {
    writer_that_ends(blocks, 0, "(i32.const 0)")
}

/// A plugin that writes so many blocks, and waits until they are written, or without end; then so many
/// more, for which it does not wait; and then does something.
fn writer_that_ends(blocks: Option<u32>, more: u32, end: &str) -> (TempDir, PathBuf) {
    let over = blocks.map_or_else(String::new, |blocks| {
        format!(
            "(local.set $count (i32.add (local.get $count) (i32.const 1)))
             (br_if $done (i32.gt_u (local.get $count) (i32.const {blocks})))"
        )
    });
    let text = format!(
        r#"(component
            (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
            (alias export $error "error" (type $e))
            (import "wasi:io/streams@0.2.0" (instance $streams
                (export "output-stream" (type $o (sub resource)))
                (alias outer 1 $e (type $of))
                (export "error" (type $error (eq $of)))
                (type $failed (variant (case "last-operation-failed" (own $error)) (case "closed")))
                (export "stream-error" (type $stream-error (eq $failed)))
                (export "[method]output-stream.blocking-write-and-flush"
                    (func (param "self" (borrow $o)) (param "contents" (list u8))
                        (result (result (error $stream-error)))))
                (export "[method]output-stream.check-write"
                    (func (param "self" (borrow $o)) (result (result u64 (error $stream-error)))))
                (export "[method]output-stream.write"
                    (func (param "self" (borrow $o)) (param "contents" (list u8))
                        (result (result (error $stream-error)))))))
            (alias export $streams "output-stream" (type $o))
            (import "wasi:cli/stdout@0.2.0" (instance $stdout
                (alias outer 1 $o (type $of))
                (export "output-stream" (type $output (eq $of)))
                (export "get-stdout" (func (result (own $output))))))
            (core module $memory
                (memory (export "memory") 1)
                (data (i32.const 0) "{block}"))
            (core instance $memory (instantiate $memory))
            (alias core export $memory "memory" (core memory $m))
            (core func $get (canon lower (func $stdout "get-stdout")))
            (core func $write (canon lower
                (func $streams "[method]output-stream.blocking-write-and-flush") (memory $m)))
            (core func $check (canon lower
                (func $streams "[method]output-stream.check-write") (memory $m)))
            (core func $put (canon lower
                (func $streams "[method]output-stream.write") (memory $m)))
            (core module $main
                (import "host" "get" (func $get (result i32)))
                (import "host" "write" (func $write (param i32 i32 i32 i32)))
                (import "host" "check" (func $check (param i32 i32)))
                (import "host" "put" (func $put (param i32 i32 i32 i32)))
                (func (export "run") (result i32) (local $out i32) (local $count i32)
                    (local.set $out (call $get))
                    (block $done
                        (loop $again
                            {over}
                            (call $write (local.get $out) (i32.const 0) (i32.const 4096) (i32.const 60000))
                            (br $again)))
                    (local.set $count (i32.const 0))
                    (block $done
                        (loop $again
                            (local.set $count (i32.add (local.get $count) (i32.const 1)))
                            (br_if $done (i32.gt_u (local.get $count) (i32.const {more})))
                            (call $check (local.get $out) (i32.const 60000))
                            (call $put (local.get $out) (i32.const 0) (i32.const 4096) (i32.const 60000))
                            (br $again)))
                    {end}))
            (core instance $i (instantiate $main
                (with "host" (instance
                    (export "get" (func $get)) (export "write" (func $write))
                    (export "check" (func $check)) (export "put" (func $put))))))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $r)))"#,
        block = "x".repeat(4096),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("writer.wasm");
    std::fs::write(&path, wat::parse_str(text).unwrap()).unwrap();
    (folder, path)
}

/// Runs it, and reads nothing of what it writes.
fn run(plugin: &Path, words: &[&str]) -> Child {
    program()
        .args(["run", "--no-cache", "--transport", "memory://"])
        .args(words)
        .arg(plugin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Its exit code and what it says of itself, if it ends in time.
fn ends(mut child: Child) -> (i32, String) {
    let begin = Instant::now();
    let code = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code().unwrap(),
            None if begin.elapsed() > LIMIT => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("it does not end");
            }
            None => sleep(Duration::from_millis(20)),
        }
    };
    let mut errors = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut errors).unwrap();
    (code, errors)
}

#[test]
fn a_time_limit_ends_a_plugin_whose_output_nobody_reads() {
    let (_folder, plugin) = writer(None);
    let (code, errors) = ends(run(&plugin, &["--time-limit", "0.5"]));
    assert_eq!(code, 25, "{errors}");
    assert!(errors.contains("time limit"), "{errors}");
}

#[test]
fn a_signal_ends_a_plugin_whose_output_nobody_reads() {
    let (_folder, plugin) = writer(None);
    let child = run(&plugin, &[]);
    // The pipe is full by then.
    sleep(Duration::from_secs(2));
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", "TERM", &id]).status();
    assert!(sent.unwrap().success());
    let (code, errors) = ends(child);
    assert_eq!(code, 143, "{errors}");
}

/// However late its reader comes.
#[test]
fn nothing_that_a_plugin_wrote_is_lost_at_its_end() {
    const BLOCKS: u32 = 500;
    let (_folder, plugin) = writer(Some(BLOCKS));
    let mut child = run(&plugin, &[]);
    sleep(Duration::from_secs(2));
    let mut written = String::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_string(&mut written).unwrap();
    let (code, errors) = ends(child);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(written.len(), BLOCKS as usize * 4096);
    assert!(written.bytes().all(|byte| byte == b'x'));
}

/// However the plugin ends: what it wrote last may say why.
#[test]
fn nothing_that_a_plugin_wrote_is_lost_when_it_fails() {
    // They fill the pipe, and the others wait for a reader.
    let (full, more) = (16, 12);
    let spin = "(loop $spin (br $spin)) unreachable";
    for (end, words, code) in [
        ("unreachable", &[][..], 24),
        (spin, &["--time-limit", "0.5"], 25),
    ] {
        let (_folder, plugin) = writer_that_ends(Some(full), more, end);
        let mut child = run(&plugin, words);
        sleep(Duration::from_millis(1500));
        let mut written = String::new();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_to_string(&mut written).unwrap();
        let (ended, errors) = ends(child);
        assert_eq!(ended, code, "{errors}");
        assert_eq!(written.len(), (full + more) as usize * 4096, "{errors}");
    }
}

/// Whoever reads the errors hears that nobody read the output.
#[test]
fn what_is_lost_is_told() {
    let spin = "(loop $spin (br $spin)) unreachable";
    let (_folder, plugin) = writer_that_ends(Some(16), 12, spin);
    let (code, errors) = ends(run(&plugin, &["--time-limit", "0.5"]));
    assert_eq!(code, 25, "{errors}");
    assert!(errors.contains("bytes of the output are lost"), "{errors}");
}

/// Nobody reads what is left, and the plugin's exit code stands.
#[test]
fn a_reader_that_goes_away_ends_nothing_but_the_output() {
    let (_folder, plugin) = writer(Some(500));
    let mut child = run(&plugin, &[]);
    drop(child.stdout.take());
    let (code, errors) = ends(child);
    assert_eq!(code, 0, "{errors}");
}

const LIMIT: Duration = Duration::from_secs(10);
