//! A service in a file: played to a plugin, recorded, and replayed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::run;

#[test]
fn a_service_in_a_file_is_played_recorded_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let served = path("served.json");
    let mut answers: String = (1..=8)
        .map(|count| {
            let delay = if count == 1 { r#""delay": 0.2, "# } else { "" };
            answer(&format!(r#""method": "count", {delay}"result": {count}"#))
        })
        .collect();
    answers += &answer(r#""method": "spin""#);
    fs::write(&served, &answers).unwrap();

    let heard = "count() of `served` gave 1, 2, 3, 4, 5, 6, 7, 8\n";
    let recording = path("recording.jsonl");
    let played = run::with(&["--serve", &served, "--record", &recording], "patrol", &[]);
    assert_eq!(run::text(played), heard);
    let replayed = run::with(&["--replay", &recording], "patrol", &[]);
    assert_eq!(run::text(replayed), heard);

    let mode = fs::metadata(&recording).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let lines = fs::read_to_string(&recording).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines.len(), 9);
    assert_eq!(lines[0]["result"], 1);
    assert_eq!(lines[0]["version"], "1.5");
    assert!(lines[0].get("context").is_none(), "{}", lines[0]);

    // Nothing is written over.
    let again = run::with(&["--serve", &served, "--record", &recording], "patrol", &[]);
    check(&again, 4, "a recording is a new file");
    assert_eq!(fs::read_to_string(&recording).unwrap().lines().count(), 9);
}

#[test]
fn what_a_file_does_not_know_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = |text: &str| write(folder.path(), text);
    let count = answer(r#""method": "count", "result": 1"#);

    let replayed = run::with(&["--replay", &file(&count)], "patrol", &[]);
    let unknown =
        "no answer in the file of --replay fits `spin` of topic `served`, version 1.5, with {}";
    check(&replayed, 1, unknown);
    let other = count + &answer(r#""method": "spin", "args": {"never": 1}"#);
    let played = run::with(&["--serve", &file(&other)], "patrol", &[]);
    let unknown = "no answer in the file of --serve fits `spin` of topic `served`";
    check(&played, 1, unknown);

    let wrong = |option: &str, text: &str, code: i32, says: &str| {
        let ended = run::with(&[option, &file(text)], "patrol", &[]);
        check(&ended, code, says);
    };
    wrong("--replay", "", 4, "it has no answers");
    let misspelt = r#"{"topic": "t", "methid": 1}"#;
    wrong("--replay", misspelt, 4, "unknown field `methid`");
    let nobody = answer(r#""method": "count", "error": "no-such-target""#);
    wrong("--serve", &nobody, 4, "plays no `error` but `timeout`");
    let absent = run::with(&["--replay", "/nonexistent/answers"], "patrol", &[]);
    check(&absent, 4, "/nonexistent/answers: No such file");
}

fn answer(what: &str) -> String {
    format!("{{\"topic\": \"served\", \"version\": \"1.5\", {what}}}\n")
}

fn write(folder: &Path, text: &str) -> String {
    let path = folder.join("answers.json");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn check(output: &Output, code: i32, says: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert!(errors.contains(says), "{errors}");
}
