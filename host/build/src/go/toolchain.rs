//! Go's own tools, of a version that is pinned.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Context, Result, bail};
use serde_json::Value;

use crate::builder::Builder;
use crate::install;
use crate::process::run;

/// Where Go is, and where it keeps what it compiled.
pub(crate) struct Toolchain {
    program: PathBuf,
    cache: PathBuf,
}

/// What is compiled.
pub(crate) struct Compilation<'a> {
    /// The folder of the package.
    pub(crate) source: &'a Path,
    /// What stands in for its `go.mod`.
    pub(crate) modules: &'a Path,
    /// Files that the compiler sees beside the package's, if it is a command.
    pub(crate) overlay: Option<PathBuf>,
    /// Where the module goes.
    pub(crate) output: &'a Path,
}

impl Toolchain {
    /// Makes sure that it is there.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub(crate) fn find(builder: &Builder) -> Result<Self> {
        let python = Self::python(builder)?;
        Ok(Self {
            program: install::program(&python, "go", "bin/go", "Go")?,
            cache: builder.cache("go")?,
        })
    }

    /// The Python that it is installed in.
    ///
    /// # Errors
    /// When it cannot be installed.
    pub(crate) fn python(builder: &Builder) -> Result<PathBuf> {
        builder.python(
            "go",
            "go",
            "plugins in Go are compiled by the toolchain that this brings",
        )
    }

    /// The name of the module that a `go.mod` is of.
    pub(crate) fn module(&self, manifest: &Path) -> Result<String> {
        let mut go = self.go();
        go.args(["mod", "edit", "-json"]).arg(manifest);
        let text = output(&mut go)?;
        let manifest: Value = serde_json::from_str(&text).context("go did not print JSON")?;
        let name = manifest.pointer("/Module/Path").and_then(Value::as_str);
        Ok(name.context("it names no module")?.to_owned())
    }

    /// Says in a `go.mod` where modules are.
    pub(crate) fn replace(&self, manifest: &Path, modules: &[(&str, &Path)]) -> Result<()> {
        let mut go = self.go();
        go.args(["mod", "edit"]);
        for (module, folder) in modules {
            go.arg(format!("-replace={module}={}", folder.display()));
        }
        output(go.arg(manifest)).map(drop)
    }

    /// Compiles a package to a library with exports.
    pub(crate) fn compile(&self, compilation: &Compilation<'_>) -> Result<()> {
        let mut go = self.go();
        go.args(["build", "-trimpath", "-buildmode=c-shared"])
            // The package that bindings need reaches into Go's runtime for `sbrk`, and the file
            // that is added to a command for what a panic does.
            .arg("-ldflags=-s -w -checklinkname=0")
            .arg(format!("-modfile={}", compilation.modules.display()));
        match &compilation.overlay {
            Some(overlay) => go.arg(format!("-overlay={}", overlay.display())),
            // Tells the SDK that there is no `main` that the collector may run in.
            None => go.arg("-tags=exports"),
        };
        go.arg("-o")
            .arg(compilation.output)
            .arg(".")
            .current_dir(compilation.source)
            .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")]);
        output(&mut go).map(drop)
    }

    /// Runs the tests of a module and shows what they print.
    pub(crate) fn test(&self, source: &Path, modules: &Path) -> Result<()> {
        run(self
            .go()
            .args(["test", "-ldflags=-checklinkname=0"])
            .arg(format!("-modfile={}", modules.display()))
            .arg("./...")
            .current_dir(source))
    }

    /// Runs Go in a folder.
    #[cfg(all(test, feature = "broker-tests"))]
    pub(crate) fn check(&self, words: &[&str], source: &Path, env: &[(&str, &str)]) -> Result<()> {
        let mut go = self.go();
        go.args(words).current_dir(source).envs(env.iter().copied());
        output(&mut go).map(drop)
    }

    /// The files in a folder that are not formatted as Go's formatter has it.
    #[cfg(all(test, feature = "broker-tests"))]
    pub(crate) fn unformatted(&self, source: &Path) -> Result<String> {
        let mut gofmt = Command::new(self.program.with_file_name("gofmt"));
        output(gofmt.arg("-l").arg(source))
    }

    /// Go, which looks for nothing outside this machine unless the author lets it.
    fn go(&self) -> Command {
        let mut go = Command::new(&self.program);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("GO")) && name != "GOPROXY" {
                go.env_remove(name);
            }
        }
        if env::var_os("GOPROXY").is_none() {
            go.env("GOPROXY", "off");
        }
        go.envs([
            ("GOENV", OsStr::new("off")),
            ("GOFLAGS", OsStr::new("-mod=mod")),
            ("GOTOOLCHAIN", OsStr::new("local")),
            ("GOWORK", OsStr::new("off")),
            ("CGO_ENABLED", OsStr::new("0")),
            ("GOCACHE", self.cache.as_os_str()),
        ]);
        go
    }
}

/// What a command prints; if it fails, an error with all that it said.
fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {command:?}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        let mut said = format!("{printed}{complaint}").trim_end().to_owned();
        if said.contains("disabled by GOPROXY=off") {
            said += "\nother modules are fetched only if the variable GOPROXY is set: it names a proxy of modules";
        }
        bail!("{said}");
    }
    Ok(printed)
}
