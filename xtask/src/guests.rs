//! `cargo xtask guests`: builds the repository's plugins, the examples beside each SDK and the tests' own, as
//! components, with toolchains that the machine has or can get.

mod assembled;
mod catalogue;
mod rust;
mod stamp;
mod surface;

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, bail};
use oslo_messaging_build::component::{Module, componentise};
use oslo_messaging_build::{Builder, COMMAND, Language, Plugin};

pub(crate) use self::assembled::build_assembled;
use self::catalogue::Guest;

/// What `cargo xtask guests` is given.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The guests to build, or languages, for all guests in them; everything if none is named.
    names: Vec<String>,
}

/// Builds guests and says where they are.
///
/// # Errors
/// As [`build`].
pub(crate) fn run(root: &Path, options: &Options) -> Result<u8> {
    for guest in build(root, &options.names)? {
        let kib = fs::metadata(&guest.path)?.len().div_ceil(1024);
        println!("{:<26} {kib:>6} KiB  {}", guest.name, guest.path.display());
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
/// When a name is unknown, a toolchain cannot be had (it says what to install), a guest does not
/// compile, or one imports or exports what the catalogue does not know of.
pub(crate) fn build<N: AsRef<str>>(root: &Path, names: &[N]) -> Result<Vec<Built>> {
    let guests = select(names)?;
    let folder = folder(root)?;
    let builder = Builder::of_checkout(root, &folder)?;
    let place = Place {
        root,
        folder: &folder,
        builder: &builder,
    };
    // Two runs of this program would write the same files.
    let lock = fs::File::create(folder.join("lock"))?;
    lock.lock().context("cannot wait for another run")?;
    let (in_rust, others): (Vec<_>, Vec<_>) = guests
        .iter()
        .partition(|guest| guest.language == Language::Rust);
    // The worlds that plugins of several languages share are put together before any is read.
    let others: Vec<_> = others
        .into_iter()
        .map(|guest| Ok((guest, plugin(place, guest)?)))
        .collect::<Result<_>>()?;
    // Side by side, because much of it is done by one thread or waits for what is fetched; those of
    // one language in turn, because they share its toolchain.
    let failure = Mutex::new(None);
    let keep = |outcome: Result<()>| {
        if let Err(error) = outcome {
            failure
                .lock()
                .expect("nobody panics with it")
                .get_or_insert(error);
        }
    };
    thread::scope(|scope| {
        let (others, keep) = (&others, &keep);
        scope.spawn(|| keep(all_in_rust(place, &in_rust)));
        for language in Language::ALL {
            scope.spawn(move || {
                let mut of_it = others
                    .iter()
                    .filter(|(guest, _)| guest.language == language);
                keep(of_it.try_for_each(|(guest, plugin)| one(place, guest, plugin)));
            });
        }
    });
    if let Some(error) = failure.into_inner().expect("nobody panicked with it") {
        return Err(error);
    }
    let built = |guest: &'static Guest| Built {
        name: guest.name,
        path: component_of(place, guest.name),
    };
    Ok(guests.into_iter().map(built).collect())
}

/// The same beside something else: plugins in some languages, and the end of what cargo compiles, are one thread's work.
///
/// # Errors
/// As [`build`], or those of the other.
pub(crate) fn build_beside<N: AsRef<str> + Sync, T>(
    root: &Path,
    names: &[N],
    other: impl FnOnce() -> Result<T>,
) -> Result<(Vec<Built>, T)> {
    thread::scope(|scope| {
        let guests = scope.spawn(|| build(root, names));
        let other = other();
        let guests = guests.join();
        let guests = guests.unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok((guests, other?))
    })
}

/// Builds guests in Rust. Cargo compiles them together, and knows by itself what is up to date.
fn all_in_rust(place: Place<'_>, guests: &[&Guest]) -> Result<()> {
    for (guest, module) in guests.iter().zip(rust::compile(place, guests)?) {
        let stamp = stamp::of(place.root, &[&module.file])?;
        finish(place, guest, &stamp, || Ok(module))?;
    }
    Ok(())
}

/// Builds a guest that is not in Rust, unless it is up to date.
fn one(place: Place<'_>, guest: &Guest, plugin: &Plugin<'_>) -> Result<()> {
    let sdk = place.root.join("guest").join(guest.language.name());
    let worlds = place.root.join("guest/wit");
    let mut more = match guest.language {
        Language::Python => Builder::more_sources(plugin)?,
        _ => Vec::new(),
    };
    more.extend(shared(guest, plugin)?);
    let mut inputs = vec![plugin.source.as_path(), &plugin.wit, &sdk, &worlds];
    inputs.extend(more.iter().map(PathBuf::as_path));
    let stamp = stamp::of(place.root, &inputs)?;
    finish(place, guest, &stamp, || {
        Ok(place.builder.module(guest.language, plugin)?)
    })
}

/// What a plugin of the tests includes of its neighbours: those of its language, and what lies beside them.
fn shared(guest: &Guest, plugin: &Plugin<'_>) -> Result<Vec<PathBuf>> {
    let mut shared = Vec::new();
    if let (false, Some(beside)) = (guest.is_example(), plugin.source.parent()) {
        for entry in fs::read_dir(beside)? {
            let folder = entry?.path();
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            if name == "script" || name.split('-').next() == Some(guest.language.name()) {
                shared.push(folder);
            }
        }
    }
    Ok(shared)
}

/// Where things are.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The root of this repository.
    root: &'a Path,
    /// Where guests are built.
    folder: &'a Path,
    builder: &'a Builder,
}

/// Where guests, and the toolchains for them, are put; made if it is missing.
fn folder(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/guests");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// What `cargo xtask sdk` is given.
#[derive(clap::Args)]
pub(crate) struct SdkOptions {
    /// The language: c or go.
    #[arg(value_parser = language)]
    language: Language,
}

/// Makes the archive that an SDK is obtained by, in `target/guests/sdk`, and says where it is.
///
/// # Errors
/// When this is not where the language's SDK is packed, or the archive cannot be made.
pub(crate) fn sdk(root: &Path, options: &SdkOptions) -> Result<u8> {
    let folder = folder(root)?;
    let packed = folder.join("sdk");
    fs::create_dir_all(&packed)?;
    let builder = Builder::of_checkout(root, &folder)?;
    let archive = builder.archive(options.language, &packed)?;
    println!("{}", archive.display());
    Ok(0)
}

fn language(name: &str) -> Result<Language> {
    let languages = Language::ALL.map(Language::name).join(", ");
    Language::named(name).with_context(|| format!("the languages are {languages}"))
}

fn finish(
    place: Place<'_>,
    guest: &Guest,
    stamp: &str,
    make: impl FnOnce() -> Result<Module>,
) -> Result<()> {
    let path = component_of(place, guest.name);
    if stamp::is(&path, stamp) {
        return Ok(());
    }
    let component = || {
        let component = componentise(guest.kind, &make()?)?;
        surface::check(guest, &component)?;
        stamp::write(&path, &component, stamp)
    };
    component().with_context(|| format!("cannot build guest `{}`", guest.name))
}

fn component_of(place: Place<'_>, name: &str) -> PathBuf {
    place.folder.join(name).with_extension("wasm")
}

fn plugin<'a>(place: Place<'_>, guest: &'a Guest) -> Result<Plugin<'a>> {
    let world = guest.world.unwrap_or(COMMAND);
    let (package, name) = match world {
        "conformance" | "conformance-async" | "conformance-poll" | "served" | "served-async"
        | "notified" | "notified-async" => ("tests/wit", "conformance"),
        // It has a second `wasi:cli`, with which generators name everything by its version.
        "command-async" => ("guest/wit/c", "plugin-async"),
        _ => ("guest/wit", "plugin"),
    };
    Ok(Plugin {
        name: guest.name,
        source: place.root.join(guest.folder()),
        wit: place.builder.assemble(&place.root.join(package), name)?,
        world,
    })
}

fn select<N: AsRef<str>>(names: &[N]) -> Result<Vec<&'static Guest>> {
    if names.is_empty() {
        return Ok(catalogue::all().collect());
    }
    let mut guests = Vec::new();
    for name in names {
        let name = name.as_ref();
        let before = guests.len();
        guests.extend(catalogue::all().filter(|guest| is_named(guest, name)));
        if guests.len() == before {
            let known: Vec<_> = catalogue::all().map(|guest| guest.name).collect();
            let languages = Language::ALL.iter().map(|it| it.name());
            bail!(
                "there is no guest and no language `{name}`; there are {} in {}",
                known.join(", "),
                languages.collect::<Vec<_>>().join(", ")
            );
        }
    }
    Ok(guests)
}

fn is_named(guest: &Guest, name: &str) -> bool {
    guest.name == name || Language::named(name) == Some(guest.language)
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
        assert_eq!(names(&[]).len(), catalogue::all().count());
        assert_eq!(names(&["tour-async", "tour"]), ["tour-async", "tour"]);
        let rust = names(&["rust"]);
        assert!(
            rust.contains(&"tour-async") && !rust.contains(&"tour-go"),
            "{rust:?}"
        );
        let Err(error) = select(&["detour"]) else {
            panic!("there is no such guest")
        };
        assert!(
            error
                .to_string()
                .starts_with("there is no guest and no language `detour`; there are tour,")
        );
    }

    #[test]
    fn the_catalogue_has_every_plugin() {
        let root = crate::root().unwrap();
        let inside = |folder: PathBuf| {
            let entries = fs::read_dir(folder).unwrap();
            entries
                .map(|entry| entry.unwrap().path())
                .collect::<Vec<_>>()
        };
        let guest = root.join("guest");
        let mut places = inside(root.join("tests/plugins"));
        places.extend(Language::ALL.map(|it| guest.join(it.name()).join("examples")));
        let mut found: Vec<_> = places
            .into_iter()
            .flat_map(inside)
            // What the conformance plugins share; not a plugin.
            .filter(|folder| !folder.ends_with("script"))
            .collect();
        found.sort();
        let mut known: Vec<_> = catalogue::all()
            .map(|guest| root.join(guest.folder()))
            .collect();
        known.sort();
        assert_eq!(found, known);
    }
}
