//! The container file means what there is: its paths, its features, and the program's own words.

#[path = "common/clean.rs"]
mod clean;
#[path = "common/component.rs"]
mod component;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clean::program;
use component::component;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Its instructions, each with what it says.
fn instructions() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("host/cli/container/Containerfile")).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let instruction = |line: &str| {
        let (name, rest) = line.split_once(' ').unwrap();
        (name.to_owned(), rest.to_owned())
    };
    lines.map(instruction).collect()
}

fn all(name: &str) -> Vec<String> {
    let instructions = instructions().into_iter();
    let said = instructions.filter(|(known, _)| known == name);
    said.map(|(_, rest)| rest).collect()
}

fn one(name: &str) -> String {
    let [said] = &all(name)[..] else {
        panic!("there is one {name}: {:?}", all(name))
    };
    said.clone()
}

/// The words of a command in the form of a list.
fn words(list: &str) -> Vec<String> {
    serde_json::from_str(&list[list.find('[').unwrap()..]).unwrap()
}

#[test]
fn it_builds_what_there_is_for_a_user_who_may_do_nothing() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .unwrap();
    let [build, run] = &all("FROM")[..] else {
        panic!("there are two stages")
    };
    let rust = format!(
        "docker.io/library/rust:{}-bookworm AS build",
        version.trim_matches('"')
    );
    assert_eq!(*build, rust);
    // One Debian, so that the program finds the C library that it was linked with.
    assert!(run.contains("debian12"), "{run}");

    let install = &all("RUN")[0];
    let mut install = install.split(' ').skip_while(|word| *word != "--path");
    let path = install.nth(1).unwrap();
    let package = fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap();
    assert!(package.contains("name = \"oslo-plugin\""), "{path}");
    let features = install.nth(1).unwrap();
    for feature in features.split(',') {
        let is_there = package.contains(&format!("\n{feature} = ["));
        assert!(is_there, "there is no feature `{feature}`");
    }
    let folder = install.nth(1).unwrap();
    let [_, copied, cache] = &all("COPY")[..] else {
        panic!("{:?}", all("COPY"))
    };
    let program = &words(&one("ENTRYPOINT"))[0];
    let expected = format!("--from=build {folder}/bin/oslo-plugin {program}");
    assert_eq!(*copied, expected);

    let user = one("USER");
    assert!(
        !user.starts_with("0:") && !user.starts_with("root"),
        "{user}"
    );
    let folder = one("VOLUME");
    assert_eq!(
        *cache,
        format!("--from=build --chown={user} /empty {folder}")
    );
    assert_eq!(one("ENV"), format!("OSLO_PLUGIN_CACHE={folder}"));
}

/// The daemon, ended when a test fails.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn its_commands_start_ask_and_end_the_program() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("timed.wasm"),
        component("", "(i32.const 0)"),
    )
    .unwrap();
    let policy = folder.path().join("plugins.toml");
    let text =
        "[plugins.timed]\ncomponent = \"timed.wasm\"\n[[plugins.timed.on]]\nevery = \"1h\"\n";
    fs::write(&policy, text).unwrap();
    let cache = folder.path().join("cache");
    fs::create_dir(&cache).unwrap();

    let command = words(&one("CMD"));
    let mut told = 0;
    let command = command.iter().map(|word| match &**word {
        "/etc/oslo-plugin/plugins.toml" => {
            told += 1;
            policy.to_str().unwrap()
        }
        // Any port: others of this machine may have the usual one.
        "0.0.0.0:9464" => {
            told += 1;
            "127.0.0.1:0"
        }
        word => word,
    });
    let command: Vec<_> = command.collect();
    let mut child = program()
        .args(&command)
        .env("OSLO_PLUGIN_CACHE", &cache)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(told, 2, "{command:?}");
    let log = BufReader::new(child.stderr.take().unwrap());
    let mut daemon = Daemon(child);
    let mut lines = log.lines().map_while(Result::ok);
    let line = lines
        .find(|line| line.contains("the status is served"))
        .unwrap();
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = event["fields"]["address"].as_str().unwrap().to_owned();

    let port = one("EXPOSE");
    assert!(one("CMD").contains(&format!(":{port}\"")), "{port}");
    // Without an address it is the one that the command serves.
    let healthy = words(&one("HEALTHCHECK"));
    let help = program().args(["top", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains(&format!("127.0.0.1:{port}")), "{help}");
    let ends = Instant::now() + Duration::from_secs(60);
    loop {
        let asked = program()
            .args(&healthy[1..])
            .arg(&address)
            .output()
            .unwrap();
        if asked.status.success() {
            break;
        }
        assert!(Instant::now() < ends, "{asked:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(fs::read_dir(&cache).unwrap().next().is_some());

    let signal = one("STOPSIGNAL").replace("SIG", "-");
    let id = daemon.0.id().to_string();
    assert!(
        Command::new("kill")
            .args([&signal, &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(daemon.0.wait().unwrap().code(), Some(0));
    for line in lines {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(event["fields"]["message"].is_string(), "{line}");
    }
}
