//! What was found, for people.

use oslo_messaging_build::Tool;

use super::imports::Import;
use super::{Found, No};

impl Found {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("sha256:{}, {} bytes", self.sha256, self.bytes)];
        let with = &self.built_with;
        lines.push("built with".to_owned());
        let known = [
            ("language", &with.languages),
            ("sdk", &with.sdks),
            ("tool", &with.tools),
        ];
        for (what, tools) in known {
            lines.extend(tools.iter().map(|tool| format!("  {what} {}", shown(tool))));
        }
        if known.iter().all(|(_, tools)| tools.is_empty()) {
            lines.push("  it does not say".to_owned());
        }
        lines.push("imports".to_owned());
        lines.extend(self.imports.iter().map(|import| format!("  {import}")));
        lines.push("exports".to_owned());
        lines.extend(self.exports.iter().map(|name| format!("  {name}")));
        for (way, verdict) in &self.ways {
            let name = way.name();
            lines.push(match verdict {
                Ok(starts) => format!("`oslo-plugin {name}` starts it: {starts}"),
                Err(No { why, .. }) => format!("`oslo-plugin {name}` cannot start it: {why}"),
            });
        }
        lines
    }
}

impl std::fmt::Display for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        match (self.in_program, self.in_host) {
            (true, _) => Ok(()),
            (false, true) => f.write_str("  (`oslo-plugin host` alone has it)"),
            (false, false) if self.other_versions.is_empty() => {
                f.write_str("  (nobody here has it)")
            }
            (false, false) => {
                let versions = self.other_versions.join(" and ");
                write!(f, "  (nobody here has it, but its version {versions})")
            }
        }
    }
}

/// What a file says of itself, as one line of a terminal.
fn shown(tool: &Tool) -> String {
    let Tool { name, version } = tool;
    let text = if version.is_empty() {
        name.clone()
    } else {
        format!("{name} {version}")
    };
    let plain = text.chars().take(LONGEST);
    plain
        .map(|c| {
            if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() {
                c.to_string()
            } else {
                c.escape_default().to_string()
            }
        })
        .collect()
}

/// Longer than any name with a version.
const LONGEST: usize = 120;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_of_itself_does_nothing_to_a_terminal() {
        let tool = |name: &str, version: &str| Tool {
            name: name.to_owned(),
            version: version.to_owned(),
        };
        assert_eq!(shown(&tool("Rust", "")), "Rust");
        assert_eq!(shown(&tool("zig", "0.17.1")), "zig 0.17.1");
        assert_eq!(shown(&tool("a\x1b[2J\nb", "1")), "a\\u{1b}[2J\\nb 1");
        assert_eq!(shown(&tool("\u{202e}é", "")), "\\u{202e}é");
        assert_eq!(shown(&tool(&"x".repeat(1000), "")).len(), LONGEST);
    }
}
