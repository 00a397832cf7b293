//! What makes a command of a program.
//!
//! Go compiles a program so that it can be called back only once it has started, and the adapter
//! for commands calls it before that, for memory. So a command is compiled as a library, which
//! starts when it is instantiated, and what runs it is exported by a file that is added to it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use serde_json::json;
use wit_parser::{Resolve, WorldId};

use crate::wit;

/// Makes the file, and returns the one that tells Go to see it beside the author's.
///
/// # Errors
/// When the world has no command to export, or files cannot be written.
pub(crate) fn overlay(
    resolve: &Resolve,
    world: WorldId,
    source: &Path,
    scratch: &Path,
) -> Result<PathBuf> {
    let run = wit::exports(resolve, world)
        .map(|(key, _)| resolve.name_world_key(key))
        .find(|name| name.starts_with("wasi:cli/run@"))
        .context("the world has no `wasi:cli/run`")?;
    let file = scratch.join("command.go");
    fs::write(&file, text(&run))?;
    let overlay = scratch.join("overlay.json");
    let seen = source.join("wasi_cli_run.go");
    fs::write(
        &overlay,
        json!({"Replace": {seen.display().to_string(): file}}).to_string(),
    )?;
    Ok(overlay)
}

/// Success is what `main` returns with; anything else ends the program before that.
///
/// Go takes it that a library's process belongs to somebody else, and would end a panic with a
/// trap. Here it is the program's own: the lowest bit of that variable of Go's runtime is what it
/// looks at once it has printed the panic.
fn text(run: &str) -> String {
    format!(
        "package main

import _ \"unsafe\"

//go:linkname traceback_cache runtime.traceback_cache
var traceback_cache uint32

//go:wasmexport {run}#run
func wasi_cli_run() int32 {{
	traceback_cache &^= 1
	main()
	return 0
}}
"
    )
}
