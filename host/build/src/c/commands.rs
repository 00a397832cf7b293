//! `compile_commands.json`, by which clangd and other tools know how a plugin is compiled.

use std::fs;
use std::path::{Path, PathBuf};

use crate::embedded;
use crate::error::{Context, Result};
use serde_json::{Value, json};

use super::zig::{self, Code, Zig};

/// How each file of a plugin is compiled.
#[derive(Default)]
pub(crate) struct Commands(Vec<(PathBuf, Vec<String>)>);

impl Commands {
    /// Adds a file.
    pub(crate) fn add(&mut self, path: &Path, code: &Code) {
        self.0.push((path.to_owned(), code.arguments(path)));
    }

    /// Writes them into a plugin's folder, unless the same is there, or another tool's.
    ///
    /// # Errors
    /// When the compiler does not say where its headers are, or the file cannot be written.
    pub(crate) fn write(&self, zig: &Zig, folder: &Path) -> Result<()> {
        let (mut in_c, mut in_cpp) = (None, None);
        let mut commands = Vec::new();
        for (path, arguments) in &self.0 {
            let is_cpp = zig::is_cpp(path);
            let known = if is_cpp { &mut in_cpp } else { &mut in_c };
            let system = match known {
                Some(system) => system,
                None => known.insert(zig.system_headers(is_cpp)?),
            };
            commands.push(command(path, arguments, system, folder));
        }
        let text = serde_json::to_string_pretty(&commands).context("cannot write JSON")? + "\n";
        let file = folder.join("compile_commands.json");
        if fs::read_to_string(&file).is_ok_and(|known| known == text || !is_ours(&known)) {
            return Ok(());
        }
        embedded::write(&file, text.as_bytes())
    }
}

/// Whether a build wrote it: another tool's, such as CMake's, is its author's choice.
fn is_ours(text: &str) -> bool {
    let Ok(Value::Array(all)) = serde_json::from_str(text) else {
        return false;
    };
    let is_ours = |it: &Value| {
        it.pointer("/arguments/2")
            .is_some_and(|it| it == "-nostdinc")
    };
    all.iter().all(is_ours)
}

/// In the words of clang, which is what Zig's compiler is.
fn command(path: &Path, arguments: &[String], system: &[String], folder: &Path) -> Value {
    let program = if zig::is_cpp(path) {
        "clang++"
    } else {
        "clang"
    };
    let mut words = [program, "--target=wasm32-wasi", "-nostdinc"]
        .map(str::to_owned)
        .to_vec();
    words.extend(arguments.iter().cloned());
    for header in system {
        words.extend(["-isystem".to_owned(), header.clone()]);
    }
    words.extend(["-c".to_owned(), path.display().to_string()]);
    json!({"directory": folder, "file": path, "arguments": words})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_tools_is_told_from_ours() {
        let path = Path::new("plugin.c");
        let ours = json!([command(path, &[], &[], Path::new("/plugin"))]);
        assert!(is_ours(&ours.to_string()));
        for theirs in [
            r#"[{"directory": "/b", "file": "a.c", "command": "cc -c a.c"}]"#,
            r#"[{"directory": "/b", "file": "a.c", "arguments": ["cc", "-c", "a.c"]}]"#,
            "not JSON",
        ] {
            assert!(!is_ours(theirs), "{theirs}");
        }
    }
}
