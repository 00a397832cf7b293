//! Zig's C and C++ compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::guests::plugin::Place;
use crate::process::run_quietly;
use crate::setup;

/// The compiler, installed.
pub(super) struct Zig {
    python: PathBuf,
    cache: PathBuf,
}

/// Whose code is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// This project's, or a plugin's: no warning is let through.
    Ours,
    /// Generated, or a library's.
    Theirs,
}

impl Zig {
    /// Installs it if it is missing.
    ///
    /// # Errors
    /// When there is no Python, or the package cannot be installed.
    pub(super) fn find(place: Place<'_>) -> Result<Self> {
        let folder = place.folder.join("tools/c");
        let requirements = place.root.join("guest/c/requirements.txt");
        let reason = "plugins in C are compiled with Zig (90 MB)";
        let python = setup::python_environment(&folder.join("python"), &requirements, reason)?;
        // Beside the environment, which is made anew when the requirements change.
        let cache = folder.join("cache");
        Ok(Self { python, cache })
    }

    /// Compiles one file to an object.
    ///
    /// # Errors
    /// What the compiler says.
    pub(super) fn compile(
        &self,
        source: Source,
        path: &Path,
        includes: &[&Path],
        object: &Path,
    ) -> Result<()> {
        let mut command = self.command(is_cpp(path));
        if is_cpp(path) {
            command.args(["-std=c++23", "-fno-exceptions", "-fno-rtti"]);
        } else {
            command.arg("-std=gnu11");
        }
        match source {
            Source::Ours => command.args(["-Wall", "-Wextra", "-Werror"]),
            Source::Theirs => command.arg("-w"),
        };
        for folder in includes {
            command.arg("-I").arg(folder);
        }
        command.arg("-c").arg(path).arg("-o").arg(object);
        run_quietly(&mut command)
    }

    /// Links objects to a module: a program with `main`, or a library.
    ///
    /// # Errors
    /// What the linker says.
    pub(super) fn link(
        &self,
        objects: &[PathBuf],
        is_cpp: bool,
        has_main: bool,
        module: &Path,
    ) -> Result<()> {
        let mut command = self.command(is_cpp);
        if !has_main {
            command.arg("-mexec-model=reactor");
        }
        command
            .args(objects)
            // Zig's own default is 16 MiB of memory, touched or not, in every instance.
            .args(["-Wl,--strip-debug", "-Wl,-z,stack-size=131072"])
            .arg("-o")
            .arg(module);
        run_quietly(&mut command)
    }

    fn command(&self, is_cpp: bool) -> Command {
        let mut command = Command::new(&self.python);
        command
            .args(["-m", "ziglang", if is_cpp { "c++" } else { "cc" }])
            .args(["-target", "wasm32-wasi", "-O2"])
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache)
            .env("ZIG_LOCAL_CACHE_DIR", &self.cache);
        command
    }
}

pub(super) fn is_c(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "c")
}

pub(super) fn is_cpp(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "cpp")
}
