//! `cargo xtask measure`: what calls and plugins cost, measured here and now, as the tables of the
//! README.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::process::{announce, cargo};
use crate::{guests, setup};

pub(crate) fn run(root: &Path) -> Result<u8> {
    let python = setup::python(root)?;
    setup::rabbitmq(None)?;
    guests::build::<&str>(root, &[])?;
    announce("building the benchmarks, optimised (the first time: many minutes), and running them");
    for table in TABLES {
        let mut bench = cargo();
        bench
            .args(["bench", "--locked", "--package=oslo-messaging-tests"])
            .args(["--features=broker-tests", "--bench", table.bench])
            .current_dir(root)
            .env("OSLO_TEST_GUESTS", root.join("target/guests"))
            .env("OSLO_TEST_PYTHON", &python)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        let output = bench.output().context("cannot run cargo bench")?;
        ensure!(
            output.status.success(),
            "the benchmark `{}` failed: {}",
            table.bench,
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
        fs::write(&path, table.with_rows(&text, &rows)?).context("cannot write README.md")?;
        print!("{rows}");
    }
    Ok(0)
}

/// A table that a benchmark makes.
struct Table {
    bench: &'static str,
    header: &'static str,
}

impl Table {
    /// The text with other rows in this table, which is between two marks.
    fn with_rows(&self, text: &str, rows: &str) -> Result<String> {
        let start = format!("<!-- measured by cargo xtask measure: {} -->", self.bench);
        let (before, rest) = text
            .split_once(&start)
            .with_context(|| format!("README.md has no line {start}"))?;
        let (_, after) = rest
            .split_once(END)
            .with_context(|| format!("README.md has no line {END} after {start}"))?;
        let header = self.header;
        Ok(format!("{before}{start}\n\n{header}\n{rows}\n{END}{after}"))
    }
}

const END: &str = "<!-- end of what was measured -->";
const TABLES: [Table; 2] = [
    Table {
        bench: "languages",
        header: "\
| plugin | KiB | start cold, ms | start cached, ms | a call, us |
|---|--:|--:|--:|--:|",
    },
    Table {
        bench: "clients",
        header: "\
| client | a call alone, us | calls/s, 64 at a time | casts/s, 64 at a time | processor time of such a call, us |
|---|--:|--:|--:|--:|",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_rows_are_replaced() {
        let [first, second] = TABLES;
        let empty = |table: &Table| {
            let bench = table.bench;
            format!("a\n<!-- measured by cargo xtask measure: {bench} -->\nold\n{END}\nb\n")
        };
        let text = empty(&first) + &empty(&second);
        let once = second.with_rows(&text, "| x |\n").unwrap();
        assert!(once.starts_with(&empty(&first)), "{once}");
        assert!(
            once.ends_with(&format!("--:|\n| x |\n\n{END}\nb\n")),
            "{once}"
        );
        assert_eq!(second.with_rows(&once, "| x |\n").unwrap(), once);
        assert!(first.with_rows("nothing", "").is_err());
    }
}
