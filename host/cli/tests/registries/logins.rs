//! Who the program is to a registry. The registry has one user, and what is kept of a login is nowhere printed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oslo_messaging_tests::registry::{Registry, Wanted};
use serde_json::json;

use super::at_work::{AtWork, at, check_failure};

/// The password, hashed by bcrypt.
const LOGIN: &str = "operator:$2b$05$abcdefghijklmnopqrstuuBYe9o9CGi/BHa4OAlLpruMUDfwV3Rby";
const PASSWORD: &str = "correct-horse-7";

struct Locked {
    registry: Registry,
    work: AtWork,
}

impl Locked {
    fn new() -> Self {
        let wanted = Wanted {
            login: Some(LOGIN),
            tls: None,
        };
        Self {
            registry: Registry::start_with(&wanted).unwrap(),
            work: AtWork::with_plugin(),
        }
    }

    /// Writes a file as `docker login` does, with this password.
    fn keeps(&self, file: &str, password: &str) {
        let auth = STANDARD.encode(format!("operator:{password}"));
        let kept = json!({"auths": {self.registry.address(): {"auth": auth}}});
        self.writes(file, &kept.to_string());
    }

    fn writes(&self, file: &str, text: &str) {
        let path = self.work.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Pushes, telling all there is to tell, and looks that the password is not in it.
    fn push(&self, set: impl FnOnce(&mut Command)) -> Output {
        let mut program = self.work.program();
        program.args(["-vvv", "push", "--plain-http", "divider.wasm"]);
        program.arg(at(&self.registry, "a:1"));
        set(&mut program);
        let output = program.output().unwrap();
        let said = [&*output.stdout, &*output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("DEBUG"), "{said}");
        let encoded = STANDARD.encode(format!("operator:{PASSWORD}"));
        for secret in [PASSWORD, &encoded] {
            assert!(!said.contains(secret), "{said}");
        }
        output
    }

    fn pushes(&self, set: impl FnOnce(&mut Command)) {
        let output = self.push(set);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
    }

    fn is_refused(&self, says: &[&str], set: impl FnOnce(&mut Command)) {
        let output = self.push(set);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(10), "{errors}");
        for says in says {
            assert!(errors.contains(says), "no `{says}`: {errors}");
        }
    }
}

#[test]
fn a_login_is_taken_from_where_docker_and_podman_keep_it() {
    let locked = Locked::new();
    locked.is_refused(&["wants a login", "docker login"], |_| {});
    let name = at(&locked.registry, "a:1");
    let pulled = locked.work.run(&["pull", "--plain-http", &name]);
    check_failure(&pulled, 10, &["wants a login", &name]);

    locked.keeps(".docker/config.json", PASSWORD);
    locked.pushes(|_| {});
    let pulled = locked
        .work
        .json(&["pull", "--plain-http", "-o", "b.wasm", &name]);
    assert_eq!(pulled["file"], "b.wasm");
    assert_eq!(locked.work.read("b.wasm"), locked.work.read("divider.wasm"));

    locked.keeps("elsewhere/config.json", PASSWORD);
    let elsewhere = locked.work.path("elsewhere");
    locked.keeps(".docker/config.json", "another");
    locked.pushes(|program| {
        program.env("DOCKER_CONFIG", &elsewhere);
    });
    locked.is_refused(&["refuses the login"], |_| {});

    locked.writes(".docker/config.json", "{}");
    locked.keeps("run/containers/auth.json", PASSWORD);
    let run = locked.work.path("run");
    locked.pushes(|program| {
        program.env("XDG_RUNTIME_DIR", &run);
    });
}

#[test]
fn a_program_that_keeps_passwords_is_asked() {
    let locked = Locked::new();
    locked.writes(".docker/config.json", r#"{"credsStore": "tests"}"#);
    let programs = locked.work.path("programs");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.display());
    let keeper = |script: &str| {
        let name = "programs/docker-credential-tests";
        locked.writes(name, &format!("#!/bin/sh\nread -r asked\n{script}\n"));
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(locked.work.path(name), executable).unwrap();
    };
    let with_path = |program: &mut Command| {
        program.env("PATH", &path);
    };
    let answer = json!({"Username": "operator", "Secret": PASSWORD});
    let address = locked.registry.address();
    keeper(&format!("[ \"$asked\" = {address} ] && echo '{answer}'"));
    locked.pushes(with_path);
    // It prints a password, and fails.
    keeper(&format!("echo '{answer}'; exit 1"));
    locked.is_refused(&["docker-credential-tests, which failed"], with_path);
    keeper("echo 'credentials not found in native keychain'; exit 1");
    locked.is_refused(&["wants a login"], with_path);
    let token = json!({"Username": "<token>", "Secret": PASSWORD});
    keeper(&format!("echo '{token}'"));
    locked.is_refused(&["has an identity token"], with_path);
    locked.writes(".docker/config.json", r#"{"credsStore": "none-such"}"#);
    locked.is_refused(&["which cannot be run"], with_path);
}

#[test]
fn a_file_that_makes_no_sense_is_told_and_gone_on_without() {
    let registry = Registry::start().unwrap();
    let work = AtWork::with_plugin();
    fs::create_dir(work.path(".docker")).unwrap();
    work.write(".docker/config.json", b"{\"auths\": ");
    let name = at(&registry, "a:1");
    let output = work.run(&["push", "--plain-http", "divider.wasm", &name]);
    assert!(output.status.success(), "{output:?}");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.starts_with("warning: going on without a login: "),
        "{errors}"
    );
    assert!(
        errors.contains(".docker/config.json is not what"),
        "{errors}"
    );
}
