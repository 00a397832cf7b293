use std::fs;

use tempfile::TempDir;

use super::*;

/// What an argument of the package's text is replaced with, in a repository whose only revision has the
/// package of today.
fn changed(changes: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["wit", "wit/deps"] {
        fs::create_dir(folder.path().join(part)).unwrap();
        for entry in fs::read_dir(crate::root().unwrap().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let to = folder.path().join(part).join(path.file_name().unwrap());
                fs::copy(&path, to).unwrap();
            }
        }
    }
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "wit"]);
    git(folder.path(), &["commit", "--quiet", "--message=before"]);

    let mut made = vec![false; changes.len()];
    for entry in fs::read_dir(folder.path().join("wit")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let mut text = fs::read_to_string(&path).unwrap();
            for ((before, after), made) in changes.iter().zip(&mut made) {
                *made |= text.contains(before);
                text = text.replace(before, after);
            }
            fs::write(path, text).unwrap();
        }
    }
    assert!(
        made.iter().all(|it| *it),
        "not all of {changes:?} are there"
    );
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.current_dir(folder)
        // Whoever runs the tests may have hooks, signatures and no name.
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .args(["-c", "user.name=test", "-c", "user.email=test@localhost"])
        .args(arguments);
    process::run_quietly(&mut git).unwrap();
}

fn verdict(changes: &[(&str, &str)]) -> Verdict {
    let folder = changed(changes);
    let before = tempfile::tempdir().unwrap();
    unpack(folder.path(), "HEAD", before.path()).unwrap();
    compare(&before.path().join("wit"), &folder.path().join("wit")).unwrap()
}

const VERSION: &str = "package oslo:messaging@0.1.0";
const FIELD: (&str, &str) = ("fanout: bool,", "fanout: bool, color: u8,");

#[test]
fn nothing_changed() {
    assert_eq!(verdict(&[]), Verdict::Fits(9));
}

#[test]
fn a_function_and_a_world_more_are_no_break() {
    let function = "transports: func() -> list<string>;";
    let more = "transports: func() -> list<string>;\n    @since(version = 0.1.0) more: func();";
    let world = "\nworld imports {";
    let another =
        "\nworld another {\n    import types;\n}\n\n@since(version = 0.1.0)\nworld imports {";
    let changes = [(function, more), (world, another)];
    assert_eq!(verdict(&changes), Verdict::Fits(9));
}

/// What the package must never do without another version, each named with the world.
#[test]
fn breaks_are_noticed() {
    for (world, change) in [
        ("imports", FIELD),
        ("imports", ("not-executed,", "not-executed, half-executed,")),
        (
            "imports",
            ("set-retry: func(retry", "set-retry: func(times: u32, retry"),
        ),
        (
            "rpc-server",
            (
                "    endpoints: func() -> list<endpoint>;",
                "    endpoints: func() -> list<endpoint>;\n    @since(version = 0.1.0)\n    stop: func();",
            ),
        ),
        (
            "imports-poll",
            ("world imports-poll {", "world imports-polled {"),
        ),
    ] {
        let Verdict::Breaks(worlds) = verdict(&[change]) else {
            panic!("{change:?} was taken for compatible")
        };
        let named = worlds
            .iter()
            .any(|it| it.starts_with(&format!("{world}: ")));
        assert!(named, "{worlds:?}");
    }
}

/// Another number in the last place promises as much as before; what promises less may break.
#[test]
fn a_version_says_whether_it_may_break() {
    let patch = (VERSION, &*VERSION.replace("0.1.0", "0.1.7"));
    assert!(matches!(verdict(&[FIELD, patch]), Verdict::Breaks(_)));
    assert_eq!(verdict(&[patch]), Verdict::Fits(9));
    for later in ["0.2.0", "1.0.0"] {
        let version = format!("package oslo:messaging@{later}");
        let found = verdict(&[FIELD, (VERSION, &version)]);
        let Verdict::IsAnother(was, is) = found else {
            panic!("{later}: {found:?}")
        };
        assert_eq!(was.to_string(), "oslo:messaging@0.1.0");
        assert_eq!(is.to_string(), format!("oslo:messaging@{later}"));
    }
}

#[test]
fn the_code_says_it_too() {
    assert_eq!(run(changed(&[]).path(), "HEAD").unwrap(), 0);
    assert_eq!(run(changed(&[FIELD]).path(), "HEAD").unwrap(), 1);
}

#[test]
fn a_revision_that_is_not_there_is_named() {
    for revision in ["nowhere", "--output=elsewhere"] {
        let folder = changed(&[]);
        let error = run(folder.path(), revision).unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(&format!("`{revision}`")), "{error}");
        assert!(!folder.path().join("elsewhere").exists());
    }
}
