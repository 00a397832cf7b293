//! Looks at what a component wants.

use anyhow::{Result, bail, ensure};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

use super::catalogue::Guest;

/// Compares what a component imports and exports with what the catalogue says of the guest.
pub(super) fn check(guest: &Guest, component: &[u8]) -> Result<()> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(component)? else {
        bail!("it is not a component");
    };
    compare(guest, &Surface::of(&resolve, world))
}

/// The names of what a component imports and exports.
struct Surface {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Surface {
    fn of(resolve: &Resolve, world: WorldId) -> Self {
        let world = &resolve.worlds[world];
        let names = |items: &mut dyn Iterator<Item = (&WorldKey, &WorldItem)>| {
            items.map(|(key, _)| resolve.name_world_key(key)).collect()
        };
        Self {
            imports: names(&mut world.imports.iter()),
            exports: names(&mut world.exports.iter()),
        }
    }
}

fn compare(guest: &Guest, surface: &Surface) -> Result<()> {
    for import in &surface.imports {
        let mut known = guest.imports.iter().chain(guest.wasi).copied().flatten();
        ensure!(
            known.any(|known| is_named(import, known)),
            "it imports `{import}`, which xtask/src/guests/catalogue.rs does not allow"
        );
    }
    for known in guest.imports.iter().copied().flatten() {
        ensure!(
            surface.imports.iter().any(|import| is_named(import, known)),
            "it does not import `{known}`"
        );
    }
    for export in &surface.exports {
        ensure!(
            guest.exports.iter().any(|known| is_named(export, known)),
            "it exports `{export}`, which xtask/src/guests/catalogue.rs does not know"
        );
    }
    for known in guest.exports {
        ensure!(
            surface.exports.iter().any(|export| is_named(export, known)),
            "it does not export `{known}`"
        );
    }
    Ok(())
}

/// Whether a name is the known one, whose version may lack its last part.
fn is_named(name: &str, known: &str) -> bool {
    name.strip_prefix(known)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guests::catalogue;

    fn surface(imports: &[&str], exports: &[&str]) -> Surface {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Surface {
            imports: owned(imports),
            exports: owned(exports),
        }
    }

    #[test]
    fn surprises_and_absences_are_named() {
        let guest = |name| catalogue::all().find(|guest| guest.name == name).unwrap();
        let imports = |more: &[&str]| -> Vec<String> {
            let all = ["client@0.1.0", "limits@0.1.0", "types@0.1.0"];
            let ours = all.iter().map(|name| format!("oslo:messaging/{name}"));
            ours.chain(more.iter().map(|name| (*name).to_owned()))
                .collect()
        };
        let check = |name, imports: &[String], exports: &[&str], complaint: &str| {
            let imports: Vec<_> = imports.iter().map(String::as_str).collect();
            let result = compare(guest(name), &surface(&imports, exports));
            let message = result
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default();
            assert!(
                message.starts_with(complaint) && message.is_empty() == complaint.is_empty(),
                "{message}"
            );
        };
        let rpc = "oslo:messaging/rpc@0.1.0";
        check("conformance", &imports(&[rpc]), &["run"], "");
        check(
            "traps",
            &imports(&[rpc, "wasi:io/streams@0.2.12"]),
            &["wasi:cli/run@0.2.12"],
            "",
        );
        check(
            "conformance",
            &imports(&[]),
            &["run"],
            "it does not import `oslo:messaging/rpc@0.1.0`",
        );
        check(
            "conformance",
            &imports(&[rpc]),
            &[],
            "it does not export `run`",
        );
        check(
            "conformance",
            &imports(&[rpc]),
            &["run", "exit"],
            "it exports `exit`",
        );
        check(
            "conformance",
            &imports(&[rpc, "wasi:io/streams@0.2.12"]),
            &["run"],
            "it imports `wasi:io/streams@0.2.12`",
        );
        check(
            "traps",
            &imports(&["oslo:messaging/rpc-async@0.1.0"]),
            &["wasi:cli/run@0.2.12"],
            "it imports `oslo:messaging/rpc-async@0.1.0`",
        );
        check(
            "traps",
            &imports(&["wasi:sockets/tcp@0.2.12"]),
            &["wasi:cli/run@0.2.12"],
            "it imports `wasi:sockets/tcp@0.2.12`",
        );
    }

    #[test]
    fn a_short_version_stands_for_its_patches() {
        assert!(is_named("wasi:cli/run@0.2.12", "wasi:cli/run@0.2"));
        assert!(is_named("wasi:cli/run@0.3.0", "wasi:cli/run@0.3.0"));
        assert!(!is_named("wasi:cli/run@0.20.1", "wasi:cli/run@0.2"));
        assert!(!is_named("running", "run"));
    }
}
