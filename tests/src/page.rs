//! Pages of documentation, run as they are printed.
//!
//! A page is worked through in an empty folder, block of code by block of code:
//!
//! | block | what becomes of it |
//! |---|---|
//! | `console` | each line after `$ ` is given to one shell, has to succeed, and to print the lines below it |
//! | any below a line that ends with "`path`:" | it is written as this file |
//! | any below a line that ends with "`path` is:" | this file has to be the same |
//! | any other | it has to be among those that the test says are not run, or of a language that is tested elsewhere |
//!
//! In what is shown `…` stands for anything.

mod block;
mod shell;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::block::{Block, blocks};
use self::shell::Shell;

/// A page, and what this machine has in the place of what it shows.
#[derive(Debug)]
pub struct Page<'a> {
    path: PathBuf,
    environment: Vec<(&'a str, OsString)>,
    not_run: &'a [&'a str],
    elsewhere: &'a [&'a str],
    replaced: Vec<(String, String)>,
}

impl<'a> Page<'a> {
    /// A page of `docs`, such as `author.md`.
    #[must_use]
    pub fn of_docs(name: &str) -> Self {
        Self {
            path: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../docs")
                .join(name),
            environment: Vec::new(),
            not_run: &[],
            elsewhere: &[],
            replaced: Vec::new(),
        }
    }

    /// A variable of the shell.
    #[must_use]
    pub fn variable(mut self, name: &'a str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// The first lines of the blocks that are not run, all of them and in their order.
    #[must_use]
    pub const fn not_run(mut self, lines: &'a [&'a str]) -> Self {
        self.not_run = lines;
        self
    }

    /// Languages whose blocks are tested elsewhere, if they are no files.
    #[must_use]
    pub const fn elsewhere(mut self, languages: &'a [&'a str]) -> Self {
        self.elsewhere = languages;
        self
    }

    /// What this machine has in the place of what the page shows.
    #[must_use]
    pub fn replaced(mut self, shown: &str, here: impl Into<String>) -> Self {
        self.replaced.push((shown.to_owned(), here.into()));
        self
    }

    /// Works through the page in this folder, whose name the page shows as `/home/you`.
    ///
    /// # Errors
    ///
    /// Everything that is not as the page has it, each with its line; or a file or shell that does not work.
    pub fn run(&self, folder: &Path) -> Result<()> {
        let text = fs::read_to_string(&self.path)
            .with_context(|| format!("cannot read {}", self.path.display()))?;
        let mut visit = Visit {
            page: self,
            home: folder.to_str().context("the folder's name is not UTF-8")?,
            folder,
            shell: Shell::start(folder, &self.environment)?,
            not_run: self.not_run,
            problems: String::new(),
            done: 0,
        };
        for block in blocks(&text) {
            visit.block(&block)?;
        }
        for line in visit.not_run {
            visit.problem(0, &format!("there is no block that begins with `{line}`"))?;
        }
        ensure!(visit.done > 0, "nothing of the page was run");
        ensure!(visit.problems.is_empty(), "{}", visit.problems);
        Ok(())
    }
}

/// A page while it is worked through.
struct Visit<'a> {
    page: &'a Page<'a>,
    home: &'a str,
    folder: &'a Path,
    shell: Shell,
    /// Those that have not been met.
    not_run: &'a [&'a str],
    problems: String,
    done: usize,
}

impl Visit<'_> {
    fn block(&mut self, block: &Block<'_>) -> Result<()> {
        if block.language == "console" {
            self.done += 1;
            return self.commands(block);
        }
        if let Some((name, is_there)) = block.file() {
            self.done += 1;
            return self.file(block, &self.folder.join(name), is_there);
        }
        if self.page.elsewhere.contains(&block.language) {
            return Ok(());
        }
        let first = block.text.lines().next().unwrap_or_default();
        match self.not_run.split_first() {
            Some((expected, rest)) if *expected == first => self.not_run = rest,
            _ => self.problem(block.line, &format!("nobody runs the block `{first}`"))?,
        }
        Ok(())
    }

    fn file(&mut self, block: &Block<'_>, path: &Path, is_there: bool) -> Result<()> {
        let text = self.here(block.text);
        if !is_there {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            return Ok(fs::write(path, text)?);
        }
        let there = fs::read_to_string(path).unwrap_or_else(|error| error.to_string());
        if there != text {
            let problem = format!("{} is not so, but:\n{there}", path.display());
            self.problem(block.line, &problem)?;
        }
        Ok(())
    }

    fn commands(&mut self, block: &Block<'_>) -> Result<()> {
        let (before, commands) = block.commands();
        if !before.is_empty() {
            self.problem(block.line, &format!("nothing prints `{before}`"))?;
        }
        for command in commands {
            let words = self.here(&command.words);
            let (code, printed) = self.shell.run(&words)?;
            let printed = self.shown(&printed);
            if code != 0 || !fits(command.prints, &printed) {
                let problem = format!("`{}` ended with {code}:\n{printed}", command.words);
                self.problem(block.line, &problem)?;
            }
        }
        Ok(())
    }

    fn problem(&mut self, line: usize, problem: &str) -> Result<()> {
        let page = self.page.path.file_name().unwrap_or_default().display();
        writeln!(self.problems, "{page}:{line}: {problem}")?;
        Ok(())
    }

    /// What the page shows, as it is on this machine.
    fn here(&self, shown: &str) -> String {
        let pairs = self.pairs();
        pairs.fold(shown.to_owned(), |text, (shown, here)| {
            text.replace(shown, here)
        })
    }

    /// What was printed on this machine, as the page would show it.
    fn shown(&self, printed: &str) -> String {
        let pairs = self.pairs();
        pairs.fold(printed.to_owned(), |text, (shown, here)| {
            text.replace(here, shown)
        })
    }

    /// What the page shows, each with what it is on this machine.
    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let replaced = self.page.replaced.iter();
        let replaced = replaced.map(|(shown, here)| (shown.as_str(), here.as_str()));
        iter::once((HOME, self.home)).chain(replaced)
    }
}

/// Whether a text is what is shown, in which `…` stands for anything. Spaces at the ends of lines, and
/// empty lines at the end, are not shown.
fn fits(shown: &str, printed: &str) -> bool {
    let printed: Vec<_> = printed.lines().map(str::trim_end).collect();
    let printed = printed.join("\n");
    let printed = printed.trim_end();
    let mut parts = shown.trim_end().split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The folder of a page, as it is shown.
const HOME: &str = "/home/you";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_may_leave_out_parts() {
        let fitting = [
            ("", ""),
            ("one\ntwo\n", "one \ntwo\n\n"),
            (
                "…\nRan 1 test in …s\n\nOK\n",
                "..\n---\nRan 1 test in 0.1s\n\nOK\n",
            ),
            ("a…\n", "a\nb\nc\n"),
            ("…c\n", "a\nb\nc\n"),
            ("a…b…c", "a, b, c"),
        ];
        for (shown, printed) in fitting {
            assert!(fits(shown, printed), "{shown:?} {printed:?}");
        }
        let others = [
            ("", "a\n"),
            ("a\n", "a\nb\n"),
            ("a\n", ""),
            ("a…b", "a"),
            ("…a", "ab"),
            ("a…a", "a"),
            ("a…b…c", "a, c, b"),
        ];
        for (shown, printed) in others {
            assert!(!fits(shown, printed), "{shown:?} {printed:?}");
        }
    }

    fn run(text: &str, not_run: &[&str]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page.md");
        fs::write(&page, text).unwrap();
        let page = Page {
            path: page,
            ..Page::of_docs("").not_run(not_run)
        };
        let page = page.variable("WHO", "world").replaced("five", "5");
        let ended = page.run(&folder.path().canonicalize().unwrap());
        ended
            .err()
            .map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_page_that_is_true_has_no_problems() {
        let text = "\
`greeting`:

```text
hello
```

```console
$ cat greeting
hello
$ cd /home/you; greeting=five
$ echo $WHO $greeting $PWD; \\
> echo again >&2
world five /home/you
again
$ printf 'no newline'
no newline
$ sleep 60 &
$ kill $!
```

What is in `greeting` is:

```text
hello
```

```sh
rm -rf /
```
";
        assert_eq!(run(text, &["rm -rf /"]), "");
    }

    #[test]
    fn whatever_is_not_true_is_told_with_its_line() {
        let text = "\
```console
$ echo one
two
$ exit_with() { return 3; }; exit_with
```

What is in `nowhere` is:

```text
```

```sh
rm -rf /
```
";
        let told = run(text, &["reboot"]);
        for problem in [
            "page.md:1: `echo one` ended with 0:\none\n",
            "page.md:1: `exit_with() { return 3; }; exit_with` ended with 3:\n",
            "page.md:9: ",
            "page.md:12: nobody runs the block `rm -rf /`",
            "page.md:0: there is no block that begins with `reboot`",
        ] {
            assert!(told.contains(problem), "{problem}: {told}");
        }
        assert_eq!(run("no code\n", &[]), "nothing of the page was run");
        let told = run("```console\nlost\n$ true\n```\n", &[]);
        assert!(
            told.contains("page.md:1: nothing prints `lost\n`"),
            "{told}"
        );
    }
}
