//! `oslo-plugin push` and `pull`, over a real registry. No broker is needed.

#[path = "registries/at_work.rs"]
mod at_work;
#[path = "registries/by_hand.rs"]
mod by_hand;
#[path = "common/certificate.rs"]
mod certificate;
#[path = "common/clean.rs"]
mod common;
#[path = "common/component.rs"]
mod component;
#[path = "registries/hostile.rs"]
mod hostile;
#[path = "registries/logins.rs"]
mod logins;

use std::fs;

use oslo_messaging_tests::registry::{Registry, Wanted};
use serde_json::json;

use at_work::{AtWork, at, mode};
use by_hand::{Part, digest, get, put};

#[test]
fn what_is_pushed_is_pulled_and_runs() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    let name = at(&registry, "team/divider:1.0");
    let output = work.run(&["push", "--plain-http", "divider.wasm", &name]);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let (_, pinned) = said.lines().next().unwrap().split_once(" is ").unwrap();
    let sha256 = digest(&work.read("divider.wasm"));
    let sha256 = sha256.trim_start_matches("sha256:");
    let at_digest = format!("{}@sha256:", at(&registry, "team/divider"));
    assert!(pinned.starts_with(&at_digest), "{said}");
    assert!(
        said.ends_with(&format!("\nsha256 = \"{sha256}\"\n")),
        "{said}"
    );
    assert_eq!(registry.blobs().unwrap(), 3);

    // By its tag and by its digest, into a folder where nothing is and over what is there.
    let elsewhere = AtWork::new();
    for (name, words) in [
        (name.as_str(), &[][..]),
        (pinned, &["--output", "divider.wasm"]),
    ] {
        let words = [&["pull", "--plain-http", name], words].concat();
        let pulled = elsewhere.json(&words);
        assert_eq!(pulled["reference"], pinned);
        assert_eq!(pulled["digest"], pinned.split_once('@').unwrap().1);
        assert_eq!(pulled["sha256"], sha256);
        assert_eq!(pulled["file"], "divider.wasm");
        assert_eq!(elsewhere.read("divider.wasm"), work.read("divider.wasm"));
        assert_eq!(elsewhere.files(), ["divider.wasm"]);
    }
    elsewhere.write("other", b"");
    let (pulled, other) = (elsewhere.path("divider.wasm"), elsewhere.path("other"));
    assert_eq!(mode(&pulled), mode(&other));
    let run = elsewhere.run(&["run", "divider.wasm"]);
    assert!(run.status.success(), "{run:?}");
}

#[test]
fn the_same_component_is_kept_once_and_has_one_digest() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    let first = work.push(&registry, "divider:1");
    let second = work.push(&registry, "divider:2");
    assert_eq!(first["digest"], second["digest"]);
    assert_eq!(registry.blobs().unwrap(), 3);
    // Another one, under a tag that is taken.
    work.write("divider.wasm", &wat::parse_str("(component)").unwrap());
    let third = work.push(&registry, "divider:1");
    assert_ne!(first["digest"], third["digest"]);
    let pulled = work.json(&["pull", "--plain-http", &at(&registry, "divider:1")]);
    assert_eq!(pulled["digest"], third["digest"]);
    let pinned = second["reference"].as_str().unwrap();
    let pulled = work.json(&["pull", "--plain-http", pinned]);
    assert_eq!(pulled["sha256"], first["sha256"]);
}

#[test]
fn others_read_what_is_pushed() {
    let registry = Registry::start().unwrap();
    let work = AtWork::new();
    let text = r#"(component $divider (import "a:b/c@0.1.0" (instance))
        (@custom "version" "1.2.0") (@custom "authors" "The divider's"))"#;
    let bytes = wat::parse_str(text).unwrap();
    work.write("divider.wasm", &bytes);
    work.push(&registry, "divider:1");
    let manifest = get(&registry, "/v2/divider/manifests/1");
    let layer = json!({
        "mediaType": "application/wasm", "digest": digest(&bytes), "size": bytes.len(),
    });
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(
        manifest["mediaType"],
        "application/vnd.oci.image.manifest.v1+json"
    );
    assert_eq!(manifest["layers"], json!([layer]));
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(
        manifest["annotations"],
        json!({
            "org.opencontainers.image.authors": "The divider's",
            "org.opencontainers.image.title": "divider",
            "org.opencontainers.image.version": "1.2.0",
        })
    );
    let configuration = manifest["config"]["digest"].as_str().unwrap();
    let configuration = get(&registry, &format!("/v2/divider/blobs/{configuration}"));
    assert_eq!(
        configuration,
        json!({
            "created": "1970-01-01T00:00:00Z",
            "author": "The divider's",
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [digest(&bytes)],
            "component": {"exports": [], "imports": ["a:b/c@0.1.0"], "target": null},
        })
    );
}

#[test]
fn what_others_push_is_read_and_what_is_no_component_refused() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    let plugin = work.read("divider.wasm");
    let of_wasm = Part(
        "application/vnd.wasm.config.v0+json",
        b"{\"os\":\"wasip2\"}",
    );
    let of_container = Part("application/vnd.oci.image.config.v1+json", b"{}");
    let empty = Part("application/vnd.oci.empty.v1+json", b"{}");
    let wasm = |bytes| Part("application/wasm", bytes);
    for configuration in [&of_wasm, &empty] {
        put(&registry, "theirs:1", configuration, &wasm(&plugin));
        let pulled = work.json(&["pull", "--plain-http", &at(&registry, "theirs:1")]);
        assert_eq!(pulled["bytes"], plugin.len());
        assert_eq!(work.read("theirs.wasm"), plugin);
    }

    let module = wat::parse_str("(module)").unwrap();
    let tar = Part("application/vnd.oci.image.layer.v1.tar+gzip", b"\x1f\x8b");
    put(&registry, "image:1", &of_container, &tar);
    put(&registry, "module:1", &of_wasm, &wasm(&module));
    put(&registry, "text:1", &of_wasm, &wasm(b"(component)"));
    put(&registry, "other:1", &of_wasm, &wasm(b"hello"));
    put(
        &registry,
        "cut:1",
        &of_wasm,
        &wasm(&plugin[..plugin.len() - 1]),
    );
    for (name, says) in [
        (
            "image:1",
            &["is an image of a container", "oslo-plugin push"][..],
        ),
        (
            "module:1",
            &["is a core WebAssembly module", "wasm-tools component new"],
        ),
        ("text:1", &["is WebAssembly text"]),
        ("other:1", &["is not WebAssembly"]),
        ("cut:1", &["is not a valid component"]),
    ] {
        let name = at(&registry, name);
        let says = [&[name.as_str()], says].concat();
        work.fails(&["pull", "--plain-http", &name], 21, &says);
    }
    assert_eq!(work.files(), ["divider.wasm", "theirs.wasm"]);

    // And is not pushed.
    work.write("module.wasm", &module);
    work.write("cut.wasm", &plugin[..plugin.len() - 1]);
    for (file, says) in [
        ("module.wasm", "core WebAssembly module"),
        ("cut.wasm", "valid"),
    ] {
        let name = at(&registry, "pushed:1");
        work.fails(&["push", "--plain-http", file, &name], 21, &[file, says]);
        work.fails(&["pull", "--plain-http", &name], 16, &[]);
    }
}

#[test]
fn what_was_changed_in_a_registry_is_refused() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    let pushed = work.push(&registry, "divider:1");
    let before = work.read("divider.wasm");
    let (component, manifest) = (digest(&before), pushed["digest"].as_str().unwrap());
    let pinned = pushed["reference"].as_str().unwrap();
    let kept = registry.blob(&component);
    let other = wat::parse_str("(component (core module (func nop)))").unwrap();
    let same_length = {
        let mut bytes = before.clone();
        *bytes.last_mut().unwrap() ^= 1;
        bytes
    };
    for changed in [&other, &same_length, &before[..10].to_vec(), &Vec::new()] {
        fs::write(&kept, changed).unwrap();
        for name in [&at(&registry, "divider:1"), pinned] {
            let says = &["not what its digest says", &component];
            work.fails(&["pull", "--plain-http", name], 18, says);
            assert_eq!(work.read("divider.wasm"), before);
        }
    }
    fs::write(&kept, &before).unwrap();
    work.json(&["pull", "--plain-http", pinned]);
    // The manifest too, which the registry itself looks at.
    let kept = registry.blob(manifest);
    let changed = fs::read_to_string(&kept).unwrap().replace("wasm", "wasn");
    fs::write(kept, changed).unwrap();
    let output = work.run(&["pull", "--plain-http", pinned]);
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(work.read("divider.wasm"), before);
}

#[test]
fn what_is_not_there_or_too_large_or_no_name_is_told() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    work.push(&registry, "divider:1");
    let unknown = format!("divider@sha256:{}", "0".repeat(64));
    for name in ["divider:2", "multiplier:1", &unknown] {
        let name = at(&registry, name);
        work.fails(&["pull", "--plain-http", &name], 16, &[&name]);
    }
    let name = at(&registry, "divider:1");
    let small = ["pull", "--plain-http", "--max-size", "10B", &name];
    work.fails(&small, 17, &[&name, "10B are allowed", "--max-size"]);
    for command in [&["pull"][..], &["push", "divider.wasm"]] {
        for (name, says) in [
            ("divider:1", "names no registry"),
            ("https://a.example/divider", "the form is"),
            ("a.example/Divider", "lower case"),
        ] {
            work.fails(&[command, &[name]].concat(), 4, &[name, says]);
        }
    }
    let pinned = format!("{}@sha256:{}", at(&registry, "divider"), "0".repeat(64));
    work.fails(&["push", "divider.wasm", &pinned], 4, &["give it a tag"]);
    work.fails(&["push", "nowhere.wasm", &name], 20, &["nowhere.wasm"]);
    let into = ["pull", "--plain-http", "--output", "nowhere/a.wasm", &name];
    work.fails(&into, 1, &["nowhere/a.wasm cannot be written"]);
    work.fails(&["pull", "--output", ".", &name], 1, &["cannot be written"]);
}

#[test]
fn tls_is_wanted_and_plain_http_has_to_be_said() {
    let (certificate, key) = certificate::localhost();
    let wanted = Wanted {
        login: None,
        tls: Some((&certificate, &key)),
    };
    let registry = Registry::start_with(&wanted).unwrap();
    let work = AtWork::with_plugin();
    work.write("authority.pem", certificate.as_bytes());
    let name = format!("localhost:{}/divider:1", registry.port());
    let trusting = |words: &[&str]| {
        let mut program = work.program();
        program.env("SSL_CERT_FILE", work.path("authority.pem"));
        program.args(words).output().unwrap()
    };
    let output = trusting(&["push", "divider.wasm", &name]);
    assert!(output.status.success(), "{output:?}");
    let output = trusting(&["pull", &name]);
    assert!(output.status.success(), "{output:?}");
    // Others do not know who it is, or it is another one.
    work.fails(&["pull", &name], 14, &["no TLS with", "UnknownIssuer"]);
    let by_address = at(&registry, "divider:1");
    at_work::check_failure(&trusting(&["pull", &by_address]), 14, &["no TLS with"]);
    work.fails(&["pull", "--plain-http", &name], 15, &["HTTPS"]);

    let plain = Registry::start().unwrap();
    let name = at(&plain, "divider:1");
    let says = &["no TLS with", "this machine", "--plain-http"];
    work.fails(&["push", "divider.wasm", &name], 14, says);
}

#[test]
fn a_system_that_trusts_nobody_is_told() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    work.write("none.pem", b"");
    let mut program = work.program();
    program.env("SSL_CERT_FILE", work.path("none.pem"));
    program.args([
        "push",
        "--plain-http",
        "divider.wasm",
        &at(&registry, "divider:1"),
    ]);
    let output = program.output().unwrap();
    at_work::check_failure(
        &output,
        14,
        &["no certificates of authorities", "ca-certificates"],
    );
}
