//! Zig's C and C++ compiler.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result, ensure};

use crate::builder::Builder;
use crate::install;
use crate::process::run_quietly;

/// The compiler, installed.
pub(crate) struct Zig {
    python: PathBuf,
    program: PathBuf,
    cache: PathBuf,
}

/// Code that is compiled in one way.
pub(crate) struct Code {
    /// Where its headers are.
    pub(crate) headers: Vec<PathBuf>,
    /// Where headers are that are not warned about.
    pub(crate) quiet_headers: Vec<PathBuf>,
    /// What its author wants besides; it wins over what stands before it.
    pub(crate) flags: Vec<String>,
    is_ours: bool,
}

impl Code {
    /// This project's, or a plugin's author's: no warning is let through.
    pub(crate) fn ours(headers: &Path) -> Self {
        Self {
            headers: vec![headers.to_owned()],
            quiet_headers: Vec::new(),
            flags: Vec::new(),
            is_ours: true,
        }
    }

    /// Generated, or a library's: nothing is said about it.
    pub(crate) fn theirs(headers: &[PathBuf]) -> Self {
        Self {
            headers: Vec::new(),
            quiet_headers: headers.to_vec(),
            flags: Vec::new(),
            is_ours: false,
        }
    }

    /// The arguments that say how a file of it is compiled.
    pub(crate) fn arguments(&self, path: &Path) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
        if is_cpp(path) {
            add(&["-std=c++23", "-fno-exceptions", "-fno-rtti"]);
        } else {
            add(&["-std=gnu11"]);
        }
        add(if self.is_ours {
            &["-Wall", "-Wextra", "-Werror"]
        } else {
            &["-w"]
        });
        for folder in &self.headers {
            add(&["-I", &folder.display().to_string()]);
        }
        for folder in &self.quiet_headers {
            add(&["-isystem", &folder.display().to_string()]);
        }
        words.extend(self.flags.iter().cloned());
        words
    }
}

impl Zig {
    /// Installs it if it is missing.
    ///
    /// # Errors
    /// When there is no Python, or the package cannot be installed.
    pub(crate) fn find(builder: &Builder) -> Result<Self> {
        let reason = "plugins in C are compiled with Zig (90 MB)";
        let python = builder.python("c", "c/python", reason)?;
        // Not in the environment, which is made anew when the requirements change.
        let cache = builder.cache("c")?;
        Ok(Self {
            program: install::program(&python, "ziglang", "zig", "Zig")?,
            python,
            cache,
        })
    }

    /// The Python that it is installed in.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// Compiles one file to an object.
    ///
    /// # Errors
    /// What the compiler says.
    pub(crate) fn compile(&self, code: &Code, path: &Path, object: &Path) -> Result<()> {
        let mut command = self.command(is_cpp(path));
        command.args(code.arguments(path));
        command.arg("-c").arg(path).arg("-o").arg(object);
        run_quietly(&mut command)
    }

    /// Compiles for this machine what a test is made of, and links it.
    ///
    /// # Errors
    /// What the compiler says.
    pub(crate) fn native(&self, is_cpp: bool, arguments: &[OsString]) -> Result<()> {
        let mut command = self.compiler(is_cpp);
        command.args(["-g", "-O1", ASSERTING]).args(arguments);
        run_quietly(&mut command)
    }

    /// Where the compiler looks for the headers of its libraries.
    ///
    /// # Errors
    /// When it does not say so.
    pub(crate) fn system_headers(&self, is_cpp: bool) -> Result<Vec<String>> {
        let language = if is_cpp { "c++" } else { "c" };
        let output = self
            .command(is_cpp)
            .args(["-E", "-v", "-x", language, "/dev/null"])
            .output()
            .context("cannot run the C compiler")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let headers: Vec<_> = said
            .lines()
            .skip_while(|line| !line.starts_with("#include <"))
            .skip(1)
            .take_while(|line| line.starts_with(' '))
            .map(|line| line.trim().to_owned())
            .collect();
        ensure!(
            !headers.is_empty(),
            "the C compiler does not say where its headers are: {said}"
        );
        Ok(headers)
    }

    /// Links objects to a module: a program with `main`, or a library.
    ///
    /// # Errors
    /// What the linker says.
    pub(crate) fn link(
        &self,
        objects: &[PathBuf],
        is_cpp: bool,
        has_main: bool,
        flags: &[String],
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
            .args(flags)
            .arg("-o")
            .arg(module);
        run_quietly(&mut command)
    }

    fn command(&self, is_cpp: bool) -> Command {
        let mut command = self.compiler(is_cpp);
        command.args(["-target", "wasm32-wasi", "-O2", ASSERTING]);
        command
    }

    fn compiler(&self, is_cpp: bool) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(if is_cpp { "c++" } else { "cc" })
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache)
            .env("ZIG_LOCAL_CACHE_DIR", &self.cache);
        command
    }
}

/// Zig defines `NDEBUG` with every kind of optimisation, as no other compiler of C does.
const ASSERTING: &str = "-UNDEBUG";

pub(crate) fn is_c(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "c")
}

pub(crate) fn is_cpp(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["cpp", "cc", "cxx"].contains(&extension))
}
