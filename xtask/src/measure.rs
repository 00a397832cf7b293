//! `cargo xtask measure`: what plugins of each language cost, measured here and now, as the table
//! of the README.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::guests;
use crate::process::{announce, cargo};

pub(crate) fn run(root: &Path) -> Result<u8> {
    guests::build::<&str>(root, &[])?;
    announce("building the benchmark, optimised (the first time: many minutes), and running it");
    let mut bench = cargo();
    bench
        .args(["bench", "--locked", "--package=oslo-messaging-tests"])
        .args(["--features=broker-tests", "--bench=languages"])
        .current_dir(root)
        .env("OSLO_TEST_GUESTS", root.join("target/guests"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit());
    let output = bench.output().context("cannot run cargo bench")?;
    ensure!(
        output.status.success(),
        "the benchmark failed: {}",
        output.status
    );
    let text = String::from_utf8(output.stdout).context("the benchmark printed no text")?;
    let rows: String = text
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|row| format!("{row}\n"))
        .collect();

    let path = root.join("README.md");
    let text = fs::read_to_string(&path).context("cannot read README.md")?;
    fs::write(&path, with_rows(&text, &rows)?).context("cannot write README.md")?;
    print!("{rows}");
    Ok(0)
}

/// The text with other rows in the table that is between the marks.
fn with_rows(text: &str, rows: &str) -> Result<String> {
    let (before, rest) = text
        .split_once(START)
        .with_context(|| format!("README.md has no line {START}"))?;
    let (_, after) = rest
        .split_once(END)
        .with_context(|| format!("README.md has no line {END}"))?;
    Ok(format!("{before}{START}\n{HEADER}{rows}\n{END}{after}"))
}

const START: &str = "<!-- measured by cargo xtask measure -->";
const END: &str = "<!-- end of what was measured -->";
const HEADER: &str = "
| plugin | KiB | start cold, ms | start cached, ms | a call, us |
|---|--:|--:|--:|--:|
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_is_replaced() {
        let text = format!("a\n{START}\nold\n{END}\nb\n");
        let once = with_rows(&text, "| x |\n").unwrap();
        assert!(once.starts_with("a\n") && once.ends_with(&format!("| x |\n\n{END}\nb\n")));
        assert_eq!(with_rows(&once, "| x |\n").unwrap(), once);
        assert!(with_rows("nothing", "").is_err());
    }
}
