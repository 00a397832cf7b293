//! What is wrong with files, word for word. `UPDATE=1` writes what is said now into the tables.

use std::fs;
use std::path::Path;

use oslo_messaging_policy::Policy;

/// Each problem names file, line, column and key, and what to do.
#[test]
fn wrong_files_are_refused_with_the_place_and_the_remedy() {
    let cases = check("wrong.txt", |text| {
        match Policy::parse("plugins.toml", text) {
            Ok(_) => "nothing is wrong".to_owned(),
            Err(problems) => problems.to_string(),
        }
    });
    assert!(cases >= 40, "only {cases} cases");
}

#[test]
fn dubious_files_are_warned_of() {
    check("dubious.txt", |text| {
        let policy = Policy::parse("plugins.toml", text).unwrap();
        let warnings = policy.warnings().iter().map(ToString::to_string);
        warnings.collect::<Vec<_>>().join("\n")
    });
}

/// Compares each case of a table with what is said, and says how many there are. A case is a title
/// behind `===`, a file, and behind `---` what is said of it.
fn check(table: &str, say: impl Fn(&str) -> String) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/all")
        .join(table);
    let cases = fs::read_to_string(&path).unwrap();
    let mut wrong = Vec::new();
    let mut said = String::new();
    let mut count = 0;
    for case in cases.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').unwrap();
        let (text, expected) = rest.split_once("---\n").unwrap();
        let told = say(text);
        assert!(!told.is_empty(), "{title}: nothing is said");
        if told != expected.trim_end() {
            wrong.push(format!("{title}:\n{told}"));
        }
        said += &format!("=== {title}\n{text}---\n{told}\n\n");
        count += 1;
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, format!("{}\n", said.trim_end())).unwrap();
    } else {
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
    count
}
