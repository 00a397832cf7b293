//! The blocks of code of a page.

/// A block between fences.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Of its first fence.
    pub(super) line: usize,
    pub(super) language: &'a str,
    pub(super) text: &'a str,
    /// The last line of text before it, after any other block.
    before: &'a str,
}

/// What is typed at a shell, and what it prints.
#[derive(Debug)]
pub(super) struct Command<'a> {
    pub(super) words: String,
    pub(super) prints: &'a str,
}

/// All of a page, in their order.
pub(super) fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut before = "";
    let mut rest = page;
    let mut number = 0;
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        number += 1;
        if let Some(language) = line.strip_prefix(FENCE) {
            // A block that is empty ends at once.
            let end = if rest.starts_with(FENCE) {
                0
            } else {
                let end = rest.find("\n```").map(|end| end + 1);
                end.unwrap_or(rest.len())
            };
            let (text, after) = rest.split_at(end);
            found.push(Block {
                line: number,
                language,
                text,
                before,
            });
            before = "";
            number += text.lines().count() + 1;
            rest = after.split_once('\n').map_or("", |(_, after)| after);
        } else if !line.trim().is_empty() {
            before = line;
        }
    }
    found
}

impl<'a> Block<'a> {
    /// The file that the line before it names, and whether it has to be there already.
    pub(super) fn file(&self) -> Option<(&'a str, bool)> {
        let named = self.before.strip_suffix(':')?;
        let (named, is_there) = match named.strip_suffix(" is") {
            Some(named) => (named, true),
            None => (named, false),
        };
        let (_, name) = named.strip_suffix('`')?.rsplit_once('`')?;
        Some((name, is_there))
    }

    /// What is typed, and what stands before it.
    pub(super) fn commands(&self) -> (&'a str, Vec<Command<'a>>) {
        let starts = self.text.match_indices(PROMPT).map(|(at, _)| at);
        let mut starts: Vec<_> = starts
            .filter(|at| *at == 0 || self.text[..*at].ends_with('\n'))
            .collect();
        let before = &self.text[..starts.first().copied().unwrap_or(self.text.len())];
        starts.push(self.text.len());
        let commands = starts.windows(2).map(|ends| {
            let text = &self.text[ends[0] + PROMPT.len()..ends[1]];
            let (first, mut prints) = text.split_once('\n').unwrap_or((text, ""));
            let mut words = first.to_owned();
            while let Some((more, after)) = prints
                .strip_prefix(CONTINUED)
                .and_then(|rest| rest.split_once('\n'))
            {
                words = words + "\n" + more;
                prints = after;
            }
            Command { words, prints }
        });
        (before, commands.collect())
    }
}

const CONTINUED: &str = "> ";
const FENCE: &str = "```";
const PROMPT: &str = "$ ";

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
Write `a/file`:

```toml
x = 1
```

```
```
```console
$ one \\
> two
printed $ here
$ three
```
The `file` is:
```text
end
```
";

    #[test]
    fn blocks_know_their_lines_and_what_stands_before() {
        let found = blocks(PAGE);
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.line, it.language, it.text, it.file()))
            .collect();
        let console = "$ one \\\n> two\nprinted $ here\n$ three\n";
        assert_eq!(
            shown,
            [
                (3, "toml", "x = 1\n", Some(("a/file", false))),
                (7, "", "", None),
                (9, "console", console, None),
                (16, "text", "end\n", Some(("file", true))),
            ]
        );
        let (before, commands) = found[2].commands();
        assert_eq!(before, "");
        let typed: Vec<_> = commands
            .iter()
            .map(|it| (it.words.as_str(), it.prints))
            .collect();
        let expected = [("one \\\ntwo", "printed $ here\n"), ("three", "")];
        assert_eq!(typed, expected);
    }
}
