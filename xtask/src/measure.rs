//! `cargo xtask measure`: what calls and plugins cost, measured here and now, as the tables of
//! `docs/performance.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::process::{announce, cargo, run as run_shown};
use crate::{guests, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// Measure only this, and not all.
    #[arg(value_enum)]
    only: Option<Subject>,
    /// How long what takes its time is measured for: hosts alone. A trial of less than a minute is printed
    /// and not written down.
    #[arg(long, default_value_t = MINUTE)]
    seconds: u64,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// What plugins of each language cost.
    Languages,
    /// What many plugins in one host cost, and what they notice of hostile ones.
    Hosts,
    /// Our client, natively and in a plugin, beside those of C and Python.
    Clients,
}

pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    let wanted = |subject| options.only.is_none_or(|only| only == subject);
    if wanted(Subject::Clients) {
        let python = setup::python(root)?;
        setup::rabbitmq(None)?;
        setup::librabbitmq()?;
        guests::build(root, &["measured"])?;
        announce("building the clients, optimised (the first time: minutes), and running them");
        run_shown(
            cargo()
                .args(["build", "--locked", "--release", "--bins", CLIENTS])
                .arg("--package=oslo-plugin")
                .current_dir(root),
        )?;
        let mut clients = cargo();
        clients
            .args(["run", "--locked", "--release", "--bin=clients", CLIENTS])
            .env("OSLO_TEST_PYTHON", &python)
            .env("OSLO_TEST_GUESTS", root.join("target/guests"));
        CLIENTS_TABLE.measure(root, &mut clients)?;
        let count = crates(root)?;
        let verdict = if count <= MOST_CRATES { "pass" } else { "FAIL" };
        println!("The tree of `oslo-messaging`:");
        println!("  {verdict}: {count} crates (at most {MOST_CRATES})");
    }
    if wanted(Subject::Hosts) {
        guests::build(root, &["hostile", "hostile-async"])?;
        announce("building hosts, optimised (the first time: many minutes), and running them");
        let mut hosts = cargo();
        hosts
            .args(["run", "--locked", "--release", "--bin=hosts"])
            .args(["--package=oslo-messaging-hosts", "--", "measure"])
            .arg(format!("--seconds={}", options.seconds))
            .env("OSLO_TEST_GUESTS", root.join("target/guests"));
        if options.seconds < MINUTE {
            run_shown(hosts.current_dir(root))?;
        } else {
            HOSTS_TABLE.measure(root, &mut hosts)?;
        }
    }
    if wanted(Subject::Languages) {
        guests::build::<&str>(root, &[])?;
        announce("building the benchmark, optimised (the first time: many minutes)");
        let mut languages = cargo();
        languages
            .args(["bench", "--locked", "--package=oslo-messaging-tests"])
            .args(["--features=broker-tests", "--bench=languages"])
            .env("OSLO_TEST_GUESTS", root.join("target/guests"));
        LANGUAGES_TABLE.measure(root, &mut languages)?;
    }
    Ok(0)
}

/// How many crates a user of the library compiles.
fn crates(root: &Path) -> Result<usize> {
    let output = cargo()
        .args(["tree", "--locked", "--package=oslo-messaging"])
        .args(["--edges=normal", "--prefix=none", "--format={p}"])
        .current_dir(root)
        .output()
        .context("cannot run cargo tree")?;
    ensure!(
        output.status.success(),
        "cargo tree failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(count_crates(&text))
}

fn count_crates(tree: &str) -> usize {
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    let crates: BTreeSet<_> = lines.filter(|line| !line.is_empty()).collect();
    crates.len()
}

const MINUTE: u64 = 60;
const CLIENTS: &str = "--package=oslo-messaging-clients";
const MOST_CRATES: usize = 60;

/// A table that a benchmark makes.
struct Table {
    bench: &'static str,
    header: &'static str,
}

impl Table {
    /// Runs the benchmark, shows what it prints, and puts the rows among that into the page.
    fn measure(&self, root: &Path, bench: &mut Command) -> Result<()> {
        let output = bench
            .current_dir(root)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo")?;
        let text = String::from_utf8(output.stdout).context("the benchmark printed no text")?;
        print!("{text}");
        ensure!(
            output.status.success(),
            "the benchmark `{}` failed: {}",
            self.bench,
            output.status
        );
        let rows: String = text
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|row| format!("{row}\n"))
            .collect();
        let path = root.join(PAGE);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {PAGE}"))?;
        fs::write(&path, self.with_rows(&text, &rows)?)
            .with_context(|| format!("cannot write {PAGE}"))
    }

    /// The text with other rows in this table, which is between two marks.
    fn with_rows(&self, text: &str, rows: &str) -> Result<String> {
        let start = format!("<!-- measured by cargo xtask measure: {} -->", self.bench);
        let (before, rest) = text
            .split_once(&start)
            .with_context(|| format!("{PAGE} has no line {start}"))?;
        let (_, after) = rest
            .split_once(END)
            .with_context(|| format!("{PAGE} has no line {END} after {start}"))?;
        let header = self.header;
        Ok(format!("{before}{start}\n\n{header}\n{rows}\n{END}{after}"))
    }
}

/// What has the tables.
const PAGE: &str = "docs/performance.md";
const END: &str = "<!-- end of what was measured -->";
const LANGUAGES_TABLE: Table = Table {
    bench: "languages",
    header: "\
| plugin | KiB | start cold, ms | start cached, ms | a call, us | beyond the native call, us |
|---|--:|--:|--:|--:|--:|",
};
const HOSTS_TABLE: Table = Table {
    bench: "hosts",
    header: "\
| figure | measured | goal | met |
|---|--:|--:|---|",
};
const CLIENTS_TABLE: Table = Table {
    bench: "clients",
    header: "\
| client | a call alone, us | context switches of it | calls/s, 64 at once | processor time of such a call, us | casts/s, 64 at once |
|---|--:|--:|--:|--:|--:|",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_rows_are_replaced() {
        let [first, second] = [LANGUAGES_TABLE, CLIENTS_TABLE];
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

    #[test]
    fn the_page_has_every_table_as_it_would_be_written() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let page = fs::read_to_string(root.join(PAGE)).unwrap();
        for table in [CLIENTS_TABLE, HOSTS_TABLE, LANGUAGES_TABLE] {
            let head = format!("{}\n", table.header);
            let (_, rows) = page.split_once(&head).unwrap();
            let rows = rows.split("\n\n").next().unwrap().to_owned() + "\n";
            assert!(rows.lines().count() > 3, "{rows}");
            assert_eq!(table.with_rows(&page, &rows).unwrap(), page);
        }
    }

    #[test]
    fn the_tree_of_the_library_is_small() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let count = crates(root).unwrap();
        assert!(count <= MOST_CRATES, "{count} crates");
    }

    #[test]
    fn a_crate_is_counted_once() {
        let tree = "a v1.0.0 (/a)\nb v1.0.0\nc v2.0.0\nb v1.0.0 (*)\n\nc v1.0.0\n";
        assert_eq!(count_crates(tree), 4);
    }
}
