//! House rules that no compiler checks.

use std::fs;
use std::path::{Path, PathBuf};

use wit_parser::{Type, TypeDefKind};

/// A change to one version without the others would publish crates that do not fit.
#[test]
fn versions_are_equal() {
    let manifest = read("Cargo.toml");
    let version = workspace_version(&manifest);
    for line in manifest.lines().filter(|line| line.contains("path = ")) {
        assert!(
            line.contains(&format!("version = \"{version}\"")),
            "not {version}: {line}"
        );
    }
    for path in files(&["toml"])
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"))
    {
        let text = fs::read_to_string(&path).unwrap();
        // A template's is a crate of its own.
        if text.contains("[package]") && !text.contains("\n[workspace]\n") {
            assert!(
                text.contains("\nversion.workspace = true\n"),
                "{}",
                path.display()
            );
        }
    }
}

/// Whoever names a package of ours, in whatever language, means the one that is here.
#[test]
fn packages_are_named_with_the_current_version() {
    let version = workspace_version(&read("Cargo.toml"));
    let mut named = 0;
    let mut wrong = Vec::new();
    for path in files(&[
        "wit", "rs", "py", "js", "mjs", "ts", "go", "c", "h", "cpp", "hpp", "wat", "json", "toml",
        "md", "mod",
    ]) {
        let text = fs::read_to_string(&path).unwrap();
        for package in ["oslo:messaging", "oslo:plugin"] {
            for rest in text.split(package).skip(1) {
                // `@1.2.3`, or `/interface@1.2.3`.
                let name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '/';
                let Some(found) = rest.trim_start_matches(name).strip_prefix('@') else {
                    continue;
                };
                let end = found.find(|c: char| !c.is_ascii_digit() && c != '.');
                let found = found[..end.unwrap_or(found.len())].trim_end_matches('.');
                if found.is_empty() {
                    continue;
                }
                named += 1;
                if found != version {
                    wrong.push(format!("{}: {package}@{found}", path.display()));
                }
            }
        }
    }
    assert!(named > 50, "only {named} places name a package");
    assert!(wrong.is_empty(), "not {version}: {wrong:#?}");
}

/// The manifests of other languages than Rust say the same version.
#[test]
fn manifests_of_every_language_have_the_current_version() {
    let version = workspace_version(&read("Cargo.toml"));
    let mut wrong = Vec::new();
    let mut check = |path: &Path, found: Option<&str>| {
        // A manifest that says no version is of something that is never published.
        if found.is_some_and(|found| found != version) {
            wrong.push(format!("{}: {}", path.display(), found.unwrap_or_default()));
        }
    };
    for path in files(&["json"]) {
        if path.ends_with("package.json") {
            let text = fs::read_to_string(&path).unwrap();
            let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
            check(&path, manifest["version"].as_str());
        }
    }
    for path in files(&["toml"]) {
        if path.ends_with("pyproject.toml") || path.ends_with("wkg.toml") {
            let text = fs::read_to_string(&path).unwrap();
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("version = "));
            check(&path, line.map(|version| version.trim_matches('"')));
        }
    }
    for path in files(&["mod"]) {
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| line.contains("oslo")) {
            // `v0.0.0` stands for a folder that the build makes.
            let found = line.split(" v").nth(1).filter(|found| *found != "0.0.0");
            check(&path, found);
        }
    }
    // What a program in Python or C can ask for.
    for (extension, before) in [
        ("py", "__version__ = "),
        ("h", "#define OSLO_MESSAGING_VERSION "),
    ] {
        for path in files(&[extension]) {
            let text = fs::read_to_string(&path).unwrap();
            let found = text.lines().find_map(|line| line.strip_prefix(before));
            check(&path, found.map(|found| found.trim_matches(['"', '\''])));
        }
    }
    assert!(wrong.is_empty(), "not {version}: {wrong:#?}");
}

#[test]
fn the_change_log_has_the_current_version() {
    let version = workspace_version(&read("Cargo.toml"));
    let log = read("CHANGELOG.md");
    let heading = log
        .lines()
        .find(|line| line.starts_with("## "))
        .unwrap_or_default();
    assert!(
        heading.contains(&version),
        "the first heading is `{heading}`, not {version}"
    );
}

/// The documents a stranger looks for, and the licence that every manifest names.
#[test]
fn the_usual_documents_exist() {
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "LICENSE",
        "docs/CONTRIBUTING.md",
        "docs/SECURITY.md",
        "docs/author.md",
        "docs/embedder.md",
        "docs/errors.md",
        "docs/native.md",
        "docs/operating.md",
        "docs/performance.md",
        "docs/refusals.md",
        "docs/settings.md",
        "docs/testing.md",
        "docs/wit.md",
    ] {
        assert!(root().join(document).is_file(), "{document} is missing");
    }
    for path in files(&["toml"]) {
        let text = fs::read_to_string(&path).unwrap();
        if text.contains("\nreadme = \"README.md\"\n") {
            let readme = path.with_file_name("README.md");
            assert!(readme.is_file(), "{} is missing", readme.display());
        }
    }
}

/// Relative links in Markdown lead somewhere.
#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for path in files(&["md"]) {
        let text = fs::read_to_string(&path).unwrap();
        // Every other part is code.
        let prose: String = text.split("```").step_by(2).collect();
        let prose: String = prose.split('`').step_by(2).collect();
        for link in prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = link.split('#').next().unwrap_or_default();
            let elsewhere = file.is_empty() || file.contains("://") || file.contains(' ');
            if !elsewhere && !path.with_file_name(file).exists() {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

/// A file that needs more has more than one idea in it.
#[test]
fn files_stay_readable() {
    let long: Vec<_> = files(&["rs", "py", "wit", "js", "ts", "go", "c", "cpp", "h", "hpp"])
        .into_iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > LINES).then(|| format!("{}: {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_unfinished_is_committed() {
    // Put together here, so that this file does not find itself.
    let macros = ["dbg", "todo", "unimplemented"].map(|name| format!("{name}!("));
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["<<<<", "<<<"],
        [">>>>", ">>>"],
    ]
    .map(|[start, end]| format!("{start}{end}"));
    let attributes = ["ignore", "should_panic"].map(|name| format!("#[{name}"));
    let everywhere = words.iter();
    let in_rust = macros.iter().chain(&attributes).chain(everywhere.clone());
    let mut found = find(&["rs"], in_rust);
    found.extend(find(
        &["toml", "py", "wit", "md", "js", "go", "c", "h"],
        everywhere,
    ));
    assert!(found.is_empty(), "{found:#?}");
}

/// Lints are switched off with a reason, and only where they fire.
#[test]
fn lints_are_expected_not_allowed() {
    let attribute = ["#[allow(", "#![allow("].map(str::to_owned);
    let found: Vec<_> = find(&["rs"], attribute.iter())
        .into_iter()
        .filter(|line| !line.starts_with(&format!("{}:", file!())))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn text_is_clean() {
    let mut dirty = Vec::new();
    for path in files(&[
        "rs", "toml", "py", "wit", "md", "js", "go", "c", "h", "json",
    ]) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.is_empty() && (!text.ends_with('\n') || text.ends_with("\n\n")) {
            dirty.push(format!("{}: does not end in one newline", path.display()));
        }
        for (line, number) in text.lines().zip(1..) {
            if line.ends_with([' ', '\t', '\r']) {
                dirty.push(format!("{}:{number}: trailing space", path.display()));
            }
        }
    }
    assert!(dirty.is_empty(), "{dirty:#?}");
}

#[test]
fn the_wit_package_is_valid_and_says_since_when() {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(root().join("wit")).unwrap();
    let package = &resolve.packages[package];
    let version = workspace_version(&read("Cargo.toml"));
    assert_eq!(
        package.name.to_string(),
        format!("oslo:messaging@{version}")
    );

    let mut stabilities = Vec::new();
    for (name, &id) in &package.interfaces {
        let interface = &resolve.interfaces[id];
        stabilities.push((name.clone(), &interface.stability));
        for (of, &id) in &interface.types {
            let definition = &resolve.types[id];
            let is_used = matches!(definition.kind, TypeDefKind::Type(Type::Id(used))
                if resolve.types[used].owner != definition.owner);
            if !is_used {
                stabilities.push((format!("{name}.{of}"), &definition.stability));
            }
        }
        for function in interface.functions.values() {
            stabilities.push((format!("{name}.{}", function.name), &function.stability));
        }
    }
    for (name, &id) in &package.worlds {
        stabilities.push((name.clone(), &resolve.worlds[id].stability));
    }
    for (item, stability) in stabilities {
        assert!(!stability.is_unknown(), "{item} has no @since or @unstable");
    }
}

/// `docs/behaviours.md` and `docs/refusals.md` name tests that exist.
#[test]
fn the_tables_of_behaviours_and_refusals_name_tests() {
    let list: String = files(&["rs"])
        .iter()
        .filter(|path| path.starts_with(root().join("tests/tests/behaviours/list")))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut missing = Vec::new();
    let mut named = 0;
    let tables = ["docs/behaviours.md", "docs/refusals.md"]
        .map(read)
        .join("\n");
    for row in tables.lines().filter(|line| line.starts_with('|')) {
        let tests = row.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        for behaviour in tests.split('*').skip(1).step_by(2) {
            named += 1;
            if !list.contains(&format!("\"{behaviour}\"")) {
                missing.push(behaviour.to_owned());
            }
        }
        let code: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        for pair in code.chunks(2) {
            named += 1;
            let [file, function] = pair else {
                panic!("a file and a function are wanted: {tests}")
            };
            let text = fs::read_to_string(root().join(file)).unwrap_or_default();
            if !text.contains(&format!("fn {function}(")) {
                missing.push(format!("{file} {function}"));
            }
        }
    }
    assert!(named > 50, "only {named} tests are named");
    assert!(missing.is_empty(), "{missing:#?}");
}

fn find<'a>(extensions: &[&str], needles: impl Iterator<Item = &'a String> + Clone) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(extensions) {
        let text = fs::read_to_string(&path).unwrap();
        for (line, number) in text.lines().zip(1..) {
            if needles.clone().any(|needle| line.contains(needle.as_str())) {
                let shown = path.strip_prefix(root()).unwrap().display();
                found.push(format!("{shown}:{number}: {}", line.trim()));
            }
        }
    }
    found
}

/// The project's own files with one of these extensions.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !name.starts_with('.') && !NOT_OURS.contains(&name) {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|it| extensions.iter().any(|one| it == *one))
            {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no files: {extensions:?}");
    found.sort();
    found
}

fn workspace_version(manifest: &str) -> String {
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = "));
    line.unwrap().trim_matches('"').to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
/// Who reads a file of the native crate needs to know what is below it, and nothing above.
#[test]
fn the_native_crate_imports_only_downwards() {
    const LAYERS: [&[&str]; 6] = [
        &[
            "deadline",
            "delivery",
            "duplicates",
            "id",
            "mutex",
            "priority",
            "raw",
            "remote_error",
            "target",
            "version",
        ],
        &["config", "wire"],
        &["driver", "observe"],
        &["error", "read"],
        &["transport"],
        &["client", "listener", "notifier", "serializer", "server"],
    ];
    let layer = |module: &str| LAYERS.iter().position(|layer| layer.contains(&module));
    let source = root().join("host/messaging/src");
    let mut upwards = Vec::new();
    for path in files(&["rs"]) {
        let Ok(inside) = path.strip_prefix(&source) else {
            continue;
        };
        let module = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let own = layer(module.trim_end_matches(".rs"));
        let is_of_tests = inside.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            [
                "tests",
                "tests.rs",
                "hostile.rs",
                "golden.rs",
                "properties.rs",
            ]
            .contains(&&*part)
        });
        let (Some(own), false) = (own, is_of_tests) else {
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for named in line.split("crate::").skip(1) {
                let end = named.find(|c: char| !(c.is_ascii_lowercase() || c == '_'));
                let named = &named[..end.unwrap_or(named.len())];
                if layer(named).is_some_and(|other| other > own) {
                    upwards.push(format!("{}: {}", inside.display(), line.trim()));
                }
            }
        }
    }
    assert!(upwards.is_empty(), "{upwards:#?}");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

const LINES: usize = 600;

/// Folders of what tools made, of links, of WIT that others publish, and of what was published before.
const NOT_OURS: [&str; 7] = [
    "target",
    "embedded",
    "deps",
    "node_modules",
    "__pycache__",
    "bindings",
    "releases",
];
