//! Values that refer to values.

use super::{Assignment, DEFAULT, Ini};
use crate::config::error::ConfigProblem;

impl Ini {
    /// An assignment's value with those it refers to in their places, of whatever file.
    pub(in crate::config) fn value(
        &self,
        assignment: &Assignment,
    ) -> Result<String, ConfigProblem> {
        self.substitute(assignment, DEPTH, &mut { SUBSTITUTIONS })
    }

    fn substitute(
        &self,
        assignment: &Assignment,
        depth: usize,
        left: &mut usize,
    ) -> Result<String, ConfigProblem> {
        if !assignment.is_utf8 {
            let name = assignment.name.clone();
            return Err(ConfigProblem::NotUtf8 { name });
        }
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
                value.push_str(&self.referred(&assignment.section, name, depth, left)?);
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

/// Values that refer to values: deeper can only be a circle.
const DEPTH: usize = 8;
/// Values that refer to many values that refer to many: more can only be a trap.
const SUBSTITUTIONS: usize = 1000;
