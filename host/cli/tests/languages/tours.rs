//! The tour in every language prints the lines of the tour in Rust.

use crate::run;

#[test]
fn every_language_prints_the_same_lines() {
    let expected = tour("tour");
    assert!(expected.len() > 10, "{expected:#?}");
    for name in TOURS {
        assert_eq!(tour(name), expected, "{name}");
    }
}

/// What a tour prints, less what differs from run to run or is said in the language's own words.
fn tour(name: &str) -> Vec<String> {
    let lines = run::lines(name, &[]);
    lines.iter().map(|line| without_chance(line)).collect()
}

fn without_chance(line: &str) -> String {
    const OWN_WORDS: &str = "the reply does not fit ";
    if let Some((before, _)) = line.split_once(OWN_WORDS) {
        return format!("{before}{OWN_WORDS}...");
    }
    let mut words = line.split(' ').peekable();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        kept.push(word);
        // How long it took: `after 203 ms`.
        if word == "after" && words.next_if(|next| next.parse::<u32>().is_ok()).is_some() {
            kept.push("...");
        }
    }
    kept.join(" ")
}

const TOURS: [&str; 6] = [
    "tour-c",
    "tour-cpp",
    "tour-go",
    "tour-javascript",
    "tour-python",
    "tour-typescript",
];
