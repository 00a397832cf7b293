//! Files as oslo.config reads them (upstream `oslo_config/iniparser.py` and `cfg.py`).
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
//! | a name in two files | that of the later file counts |
//! | `$name`, `${name}`, `$section.name` | that option's value; a dollar sign is `$$` or `\$` |
//! | bytes that are not UTF-8 | matter only in a value that is read, where upstream refuses the file |

mod substitute;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
#[cfg(any(test, feature = "rabbit"))]
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::error::{ConfigError, ConfigProblem};
use super::place::Place;

/// The assignments of files, each file after those that it overrides.
#[derive(Debug, Default)]
pub(super) struct Ini {
    assignments: Vec<Assignment>,
    sections: Vec<Section>,
    files: usize,
}

/// Where a section begins.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) order: Order,
}

/// One assignment.
#[derive(Debug)]
pub(super) struct Assignment {
    section: String,
    pub(super) name: String,
    /// Before substitution. What is not UTF-8 is replaced.
    pub(super) value: String,
    is_utf8: bool,
    pub(super) place: Place,
    pub(super) order: Order,
}

/// Which file, and the line in it.
pub(super) type Order = (usize, usize);

impl Ini {
    /// Reads one more file.
    pub(super) fn add(&mut self, file: Option<&Path>, bytes: &[u8]) -> Result<(), ConfigError> {
        let file: Option<Arc<Path>> = file.map(Into::into);
        self.files += 1;
        let mut section = None;
        let mut may_go_on = false;
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        for (bytes, number) in lines(bytes).zip(1..) {
            let place = Place::new(file.clone(), number);
            let order = (self.files, number);
            let text = String::from_utf8_lossy(bytes);
            let is_utf8 = matches!(text, Cow::Borrowed(_));
            let line = text.trim_end();
            if line.is_empty() {
                may_go_on = false;
            } else if line.starts_with([' ', '\t']) {
                match self.assignments.last_mut().filter(|_| may_go_on) {
                    Some(assignment) => {
                        assignment.value.push('\n');
                        assignment.value.push_str(line.trim_start());
                        assignment.is_utf8 &= is_utf8;
                    }
                    None => {
                        let problem = ConfigProblem::UnexpectedContinuation;
                        return Err(ConfigError::new(place, problem));
                    }
                }
            } else if let Some(rest) = line.strip_prefix('[') {
                match rest.strip_suffix(']').filter(|name| !name.is_empty()) {
                    Some(name) => {
                        section = Some(name.to_owned());
                        let name = name.to_owned();
                        self.sections.push(Section { name, place, order });
                    }
                    None => return Err(ConfigError::new(place, ConfigProblem::BadSection)),
                }
                may_go_on = false;
            } else if line.starts_with(['#', ';']) {
                may_go_on = false;
            } else {
                let Some((name, value)) = line.split_once(['=', ':']) else {
                    return Err(ConfigError::new(place, ConfigProblem::NoAssignment));
                };
                let name = name.trim().to_owned();
                if name.is_empty() {
                    return Err(ConfigError::new(place, ConfigProblem::NoName));
                }
                let Some(section) = section.clone() else {
                    return Err(ConfigError::new(place, ConfigProblem::NoSection));
                };
                self.assignments.push(Assignment {
                    section,
                    name,
                    value: without_quotes(value.trim_start()).to_owned(),
                    is_utf8,
                    place,
                    order,
                });
                may_go_on = true;
            }
        }
        Ok(())
    }

    /// The sections, as often as they are begun.
    pub(super) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// What is assigned in a section, the last of each name, in the order of files and lines.
    pub(super) fn section(&self, section: &str) -> Vec<&Assignment> {
        let mut last = BTreeMap::new();
        for assignment in self.assignments.iter().filter(|it| it.is_in(section)) {
            last.insert(assignment.name.as_str(), assignment);
        }
        let mut found: Vec<_> = last.into_values().collect();
        found.sort_unstable_by_key(|assignment| assignment.order);
        found
    }

    /// Of an option with several names, the assignment that counts: of the last file that has any,
    /// and in it of the name that comes first.
    #[cfg(any(test, feature = "rabbit"))]
    pub(super) fn of_names(&self, section: &str, names: &[&str]) -> Option<&Assignment> {
        let rank = |assignment: &&Assignment| {
            let place = names.iter().position(|name| *name == assignment.name);
            let (file, line) = assignment.order;
            (file, Reverse(place), line)
        };
        let named = |assignment: &&Assignment| {
            assignment.is_in(section) && names.contains(&assignment.name.as_str())
        };
        self.assignments.iter().filter(named).max_by_key(rank)
    }
}

impl Assignment {
    fn is_in(&self, section: &str) -> bool {
        self.section == section || section != DEFAULT && self.section.eq_ignore_ascii_case(section)
    }
}

/// Lines as Python's text files have them: after a line feed, a carriage return, or both.
fn lines(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        let after_both = after.strip_prefix(b"\r\n");
        rest = after_both.or_else(|| after.get(1..)).unwrap_or_default();
        Some(line)
    })
}

/// One quote alone is both the first and the last of a value, as upstream has it.
fn without_quotes(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| {
            let rest = value.strip_prefix(quote)?;
            if rest.is_empty() {
                Some(rest)
            } else {
                rest.strip_suffix(quote)
            }
        })
        .unwrap_or(value)
}

/// The section of options without one.
pub(super) const DEFAULT: &str = "DEFAULT";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
