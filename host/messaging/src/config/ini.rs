//! Files as oslo.config reads them (upstream `oslo_config/iniparser.py`).
//!
//! The crates for INI files do not fit: `rust-ini`, `configparser` and `serde_ini` each take other
//! things for comments, quotes, escapes and continuation lines, and do not tell line numbers. A
//! password that is read differently here than by the service next to it is worse than a parser.
//!
//! | rule | |
//! |---|---|
//! | `#` or `;` | a comment if it is the first character of a line, else text |
//! | `name = value`, `name: value` | whichever delimiter comes first; blanks around both are dropped |
//! | a line that begins with a blank | goes on with the value above, after a line feed |
//! | an empty line | ends a value |
//! | `"value"`, `'value'` | without the quotes |
//! | a name given twice | the last one counts; a section given twice is one |
//! | `$name`, `${name}`, `$section.name` | that option's value; a dollar sign is `$$` or `\$` |

use std::collections::BTreeMap;

use super::error::ConfigProblem;

/// The assignments of a file in their order.
#[derive(Debug, Default)]
pub(super) struct Ini<'a> {
    assignments: Vec<Assignment<'a>>,
    /// With their lines.
    sections: Vec<(usize, &'a str)>,
}

/// One assignment.
#[derive(Debug)]
pub(super) struct Assignment<'a> {
    section: &'a str,
    pub(super) name: &'a str,
    /// Before substitution.
    value: String,
    /// Counted from 1.
    pub(super) line: usize,
}

impl<'a> Ini<'a> {
    /// Reads a file. Fails with the number of the line that is wrong.
    pub(super) fn parse(text: &'a str) -> Result<Self, (usize, ConfigProblem)> {
        let mut ini = Self::default();
        let mut section = None;
        let mut may_go_on = false;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim_end();
            let wrong = |problem| Err((number, problem));
            if line.is_empty() {
                may_go_on = false;
            } else if line.starts_with([' ', '\t']) {
                match ini.assignments.last_mut().filter(|_| may_go_on) {
                    Some(assignment) => {
                        assignment.value.push('\n');
                        assignment.value.push_str(line.trim_start());
                    }
                    None => return wrong(ConfigProblem::UnexpectedContinuation),
                }
            } else if let Some(rest) = line.strip_prefix('[') {
                match rest.strip_suffix(']').filter(|name| !name.is_empty()) {
                    Some(name) => {
                        ini.sections.push((number, name));
                        section = Some(name);
                    }
                    None => return wrong(ConfigProblem::BadSection),
                }
                may_go_on = false;
            } else if line.starts_with(['#', ';']) {
                may_go_on = false;
            } else {
                let Some((name, value)) = line.split_once(['=', ':']) else {
                    return wrong(ConfigProblem::NoAssignment);
                };
                let name = name.trim_end();
                if name.is_empty() {
                    return wrong(ConfigProblem::NoName);
                }
                let Some(section) = section else {
                    return wrong(ConfigProblem::NoSection);
                };
                ini.assignments.push(Assignment {
                    section,
                    name,
                    value: without_quotes(value.trim_start()).to_owned(),
                    line: number,
                });
                may_go_on = true;
            }
        }
        Ok(ini)
    }

    /// The sections' names, each with its line.
    pub(super) fn sections(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.sections.iter().copied()
    }

    /// What is assigned in a section, the last of each name, in the order of the file.
    pub(super) fn section(&self, section: &str) -> impl Iterator<Item = &Assignment<'a>> {
        let mut last = BTreeMap::new();
        for assignment in &self.assignments {
            if assignment.is_in(section) {
                last.insert(assignment.name, assignment);
            }
        }
        let mut found: Vec<_> = last.into_values().collect();
        found.sort_unstable_by_key(|assignment| assignment.line);
        found.into_iter()
    }

    /// An assignment's value with those it refers to in their places.
    pub(super) fn value(&self, assignment: &Assignment<'a>) -> Result<String, ConfigProblem> {
        self.substitute(assignment, DEPTH, &mut { SUBSTITUTIONS })
    }

    fn substitute(
        &self,
        assignment: &Assignment<'a>,
        depth: usize,
        left: &mut usize,
    ) -> Result<String, ConfigProblem> {
        let text = assignment.value.replace("\\$", "$$");
        let mut parts = text.split('$');
        let mut value = parts.next().unwrap_or_default().to_owned();
        while let Some(part) = parts.next() {
            if part.is_empty() {
                // Two dollar signs, or one at the end.
                value.push('$');
                value.push_str(parts.next().unwrap_or_default());
                continue;
            }
            let (name, rest) = match part.strip_prefix('{') {
                Some(braced) => match braced.split_once('}').filter(|(name, _)| is_name(name)) {
                    Some(split) => split,
                    None => ("", part),
                },
                None => part.split_at(name_length(part)),
            };
            if name.is_empty() {
                // A dollar sign before something else stays, as upstream has it.
                value.push('$');
            } else {
                value.push_str(&self.referred(assignment.section, name, depth, left)?);
            }
            value.push_str(rest);
        }
        Ok(value)
    }

    fn referred(
        &self,
        section: &str,
        name: &str,
        depth: usize,
        left: &mut usize,
    ) -> Result<String, ConfigProblem> {
        let unknown = || ConfigProblem::UnknownReference {
            name: Some(name.to_owned()),
        };
        let (wanted, option) = name.split_once('.').unwrap_or((section, name));
        let found = [(wanted, option), (DEFAULT, name)]
            .iter()
            .find_map(|(section, name)| {
                self.assignments
                    .iter()
                    .rfind(|other| other.is_in(section) && other.name == *name)
            })
            .ok_or_else(unknown)?;
        let depth = depth.checked_sub(1).ok_or_else(unknown)?;
        *left = left.checked_sub(1).ok_or_else(unknown)?;
        self.substitute(found, depth, left)
    }
}

impl Assignment<'_> {
    fn is_in(&self, section: &str) -> bool {
        self.section == section || section != DEFAULT && self.section.eq_ignore_ascii_case(section)
    }
}

fn without_quotes(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// Of the option's name at the beginning of a text.
fn name_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.'))
        .unwrap_or(text.len())
}

/// The section of options without one.
pub(super) const DEFAULT: &str = "DEFAULT";
/// Values that refer to values: deeper can only be a circle.
const DEPTH: usize = 8;
/// Values that refer to many values that refer to many: more can only be a trap.
const SUBSTITUTIONS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let ini = Ini::parse(text).unwrap();
        ini.section("s")
            .map(|found| (found.name.to_owned(), ini.value(found).unwrap()))
            .collect()
    }

    #[test]
    fn values_are_what_oslo_config_reads() {
        let check = |line: &str, value: &str| {
            let found = values(&format!("[s]\n{line}\n"));
            assert_eq!(found, [("a".to_owned(), value.to_owned())], "{line}");
        };
        check("a=b", "b");
        check("a = b = c", "b = c");
        check("a: b = c", "b = c");
        check("a = b:c", "b:c");
        check("a =", "");
        check("a = b # c", "b # c");
        check("a = b ; c", "b ; c");
        check("a = \" b \"", " b ");
        check("a = 'b\"", "'b\"");
        check("a = \"", "\"");
        check("a = b\\nc", "b\\nc");
        check("a = b\n c\n\td", "b\nc\nd");
        check("a = b\n# c", "b");
        check("a = b\na = c", "c");
        check("a = b\n[t]\na = x\n[S]\na = c", "c");
        check("a = b\r", "b");
        check("a = 5$$", "5$");
        check("a = 5$", "5$");
        check("a = \\$b", "$b");
        check("a = $5 ${} $-", "$5 ${} $-");
    }

    #[test]
    fn values_refer_to_values() {
        let check = |text: &str, value: &str| {
            let ini = Ini::parse(text).unwrap();
            let assignment = ini.section("s").find(|found| found.name == "a").unwrap();
            assert_eq!(ini.value(assignment).as_deref(), Ok(value), "{text}");
        };
        check("[s]\na = $b-${b}c\nb = x", "x-xc");
        check("[DEFAULT]\nb = y\n[s]\na = $b", "y");
        check("[DEFAULT]\nb = y\n[s]\na = $b\nb = x", "x");
        check("[t]\nb = z\n[s]\na = ${t.b}", "z");
        for text in ["[s]\na = $b", "[s]\na = $a", "[s]\na = ${t.b}\n[t]\nc = 1"] {
            let ini = Ini::parse(text).unwrap();
            let assignment = ini.section("s").next().unwrap();
            let problem = ini.value(assignment).unwrap_err();
            let ConfigProblem::UnknownReference { name: Some(name) } = problem else {
                panic!("{problem:?}")
            };
            assert!(text.contains(&name), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let check = |text: &str, line: usize, expected: &str| {
            let (found, problem) = Ini::parse(text).unwrap_err();
            assert_eq!(
                (found, problem.to_string().as_str()),
                (line, expected),
                "{text}"
            );
        };
        check("\n[s\n", 2, "a section is written `[name]`");
        check("[]", 1, "a section is written `[name]`");
        check("[s]\nnonsense", 2, "expected `name = value`");
        check("[s]\n= 5", 2, "the option has no name");
        check("a = 5", 1, "the option stands before the first `[section]`");
        let continuation = "the line begins with a blank, but continues nothing";
        check(" a = 5", 1, continuation);
        check("[s]\na = 5\n\n b", 4, continuation);
        check("[s]\na = 5\n# c\n b", 4, continuation);
    }
}
