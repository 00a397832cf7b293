//! `cargo xtask guests`: builds the plugins under `guest/plugins` as components, with whatever
//! toolchain for WebAssembly the machine has or can get.

mod catalogue;
mod compile;
mod component;
mod toolchain;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use self::catalogue::{GUESTS, Guest};
use self::toolchain::Toolchain;

/// What `cargo xtask guests` is given.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The guests to build; all of them if none is named.
    names: Vec<String>,
}

/// Builds guests and says where they are.
///
/// # Errors
/// As [`build`].
pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    for guest in build(root, &options.names)? {
        let kib = std::fs::metadata(&guest.path)?.len().div_ceil(1024);
        println!("{:<18} {kib:>5} KiB  {}", guest.name, guest.path.display());
    }
    Ok(0)
}

/// A guest that was built.
pub(crate) struct Built {
    /// Its name, such as `tour`.
    pub(crate) name: &'static str,
    /// Its component.
    pub(crate) path: PathBuf,
}

/// Builds the guests of these names, or all of them when there are none, into `target/guests`.
/// What is up to date stays as it is.
///
/// # Errors
/// When a name is unknown, no toolchain can be had (it says what to install), a guest does not
/// compile, or one imports or exports what the catalogue does not know of.
pub(crate) fn build<N: AsRef<str>>(root: &Path, names: &[N]) -> Result<Vec<Built>> {
    let guests = select(names)?;
    let folder = root.join("target/guests");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let toolchain = Toolchain::find(&folder)?;
    compile::compile(root, &folder, &toolchain, &guests)?;
    guests
        .into_iter()
        .map(|guest| {
            let module = compile::output(&folder, &toolchain, guest);
            let path = folder.join(guest.name).with_extension("wasm");
            component::componentise(guest, &module, &path)
                .with_context(|| format!("cannot make a component of guest `{}`", guest.name))?;
            Ok(Built {
                name: guest.name,
                path,
            })
        })
        .collect()
}

fn select<N: AsRef<str>>(names: &[N]) -> Result<Vec<&'static Guest>> {
    if names.is_empty() {
        return Ok(GUESTS.iter().collect());
    }
    names
        .iter()
        .map(|name| {
            let name = name.as_ref();
            let Some(guest) = GUESTS.iter().find(|guest| guest.name == name) else {
                let known: Vec<_> = GUESTS.iter().map(|guest| guest.name).collect();
                bail!("there is no guest `{name}`; there are {}", known.join(", "));
            };
            Ok(guest)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_selected_by_name() {
        let names = |selected: &[&str]| -> Vec<&str> {
            select(selected)
                .unwrap()
                .iter()
                .map(|guest| guest.name)
                .collect()
        };
        assert_eq!(names(&[]).len(), GUESTS.len());
        assert_eq!(names(&["tour-async", "tour"]), ["tour-async", "tour"]);
        let Err(error) = select(&["detour"]) else {
            panic!("there is no such guest")
        };
        assert!(
            error
                .to_string()
                .starts_with("there is no guest `detour`; there are tour,")
        );
    }

    #[test]
    fn the_catalogue_has_every_plugin() {
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../guest/plugins");
        let mut folders: Vec<_> = std::fs::read_dir(plugins)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            // What the conformance plugins share; not a plugin.
            .filter(|name| name != "script")
            .collect();
        folders.sort();
        let mut names: Vec<_> = GUESTS.iter().map(|guest| guest.name).collect();
        names.sort_unstable();
        assert_eq!(folders, names);
    }
}
