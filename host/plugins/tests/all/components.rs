//! Components that are made of text.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// A version of the component that `components/relay.wat` describes.
pub(crate) fn relay(version: u8) -> Vec<u8> {
    let module = include_str!("components/relay.wat");
    let world = format!("{RELAY} include oslo:messaging/rpc-server@0.1.0;");
    component(&world, &module.replace("VERSION", &version.to_string()))
}

/// A version of the component that `components/http.wat` describes.
pub(crate) fn answering(version: u8) -> Vec<u8> {
    let module = include_str!("components/http.wat").replace("VERSION", &version.to_string());
    let world = "include oslo:messaging/imports@0.1.0; import wasi:clocks/monotonic-clock@0.2.12; \
                 import wasi:http/types@0.2.12; import wasi:http/outgoing-handler@0.2.12; \
                 export wasi:http/incoming-handler@0.2.12; export wasi:cli/run@0.2.12;";
    component_with(include_str!("components/http.wit"), world, &module)
}

/// A component of a world and a core module.
pub(crate) fn component(world: &str, module: &str) -> Vec<u8> {
    component_with("", world, module)
}

/// The same, with packages that this project does not have.
fn component_with(packages: &str, world: &str, module: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_dir("../../wit").unwrap();
    let package = format!("package test:guest; world guest {{ {world} }} {packages}");
    let package = resolve.push_str("guest.wit", &package).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let encoder = ComponentEncoder::default().validate(true);
    let mut encoder = encoder.module(&module).unwrap();
    encoder.encode().unwrap()
}

/// What a relay imports.
pub(crate) const RELAY: &str =
    "include oslo:messaging/imports@0.1.0; include oslo:messaging/imports-notifier@0.1.0;";
