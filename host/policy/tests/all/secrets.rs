//! Secrets stay out of everything that is printed, wherever an operator puts them.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use oslo_messaging_policy::{
    Policy, QuickStart, Secret, SecretError, SecretSource, TransportSource,
};

const URL: &str = "rabbit://user:hunter2@host:5672/vhost";

/// Everything that parsing a text can make somebody print.
fn printed(text: &str) -> String {
    match Policy::parse("plugins.toml", text) {
        Ok(policy) => format!("{policy:?} {policy:#?} {:?}", policy.warnings()),
        Err(problems) => format!("{problems} {problems:?} {problems:#?}"),
    }
}

#[track_caller]
fn is_kept(printed: &str, text: &str) {
    assert!(!printed.contains("hunter2"), "{printed}\nof\n{text}");
}

#[test]
fn a_url_in_the_file_is_not_printed() {
    let text = format!("[transports.default]\nurl = \"{URL}\"\n");
    let policy = Policy::parse("plugins.toml", &text).unwrap();
    is_kept(&printed(&text), &text);
    let TransportSource::Url(secret) = policy.transport("default").unwrap().source() else {
        panic!("it is a URL")
    };
    is_kept(&secret.to_string(), &text);
    assert_eq!(secret.resolve(&Vault::default()).unwrap().expose(), URL);
}

#[test]
fn a_url_at_any_wrong_place_is_not_printed() {
    let example = include_str!("../../examples/plugins.toml");
    let mut places = 0;
    let quotes: Vec<_> = example.match_indices('"').map(|(at, _)| at).collect();
    for pair in quotes.chunks(2) {
        let text = format!("{}{URL}{}", &example[..=pair[0]], &example[pair[1]..]);
        is_kept(&printed(&text), &text);
        places += 1;
    }
    for (at, _) in example.match_indices(" = ") {
        let line = example[..at].rfind('\n').unwrap() + 1;
        let text = format!("{}\"{URL}\"{}", &example[..line], &example[at..]);
        is_kept(&printed(&text), &text);
        places += 1;
    }
    assert!(places > 60, "only {places} places");
    for text in [
        format!("[\"{URL}\"]\n"),
        format!("[transports.\"{URL}\"]\n"),
        format!("[plugins.a]\ncontext = {{ \"{URL}\" = nan }}\n"),
        format!("[plugins.a]\ncontext = {{ since = [\"{URL}\", nan] }}\n"),
    ] {
        is_kept(&printed(&text), &text);
    }
}

#[test]
fn a_url_in_what_is_not_toml_is_not_printed() {
    let text = format!("[transports.default]\nurl = \"{URL}\"\nx = 1\n");
    for cut in 0..text.len() {
        for rest in ["", "\"", "\n", " = ", "[", "\\q", "\"\"\""] {
            let text = format!("{}{rest}{}", &text[..cut], &text[cut..]);
            is_kept(&printed(&text), &text);
            let text = format!("{}{rest}", &text[..cut]);
            is_kept(&printed(&text), &text);
        }
    }
}

#[test]
fn a_url_on_the_command_line_is_not_printed() {
    let secret = Policy::parse("", &format!("[transports.default]\nurl = \"{URL}\"\n")).unwrap();
    let source = secret.transport("default").unwrap().source().clone();
    let start = QuickStart::new("a", Path::new("a.wasm")).unwrap();
    let start = start.transport("default", source).unwrap();
    let text = format!("{start} {start:?}");
    is_kept(&text, URL);
    assert!(text.contains("url = { env = \"TRANSPORT_URL\" }"), "{text}");
}

#[test]
fn secrets_are_fetched_from_where_they_are() {
    let vault = Vault {
        files: HashMap::from([("url", format!("  {URL}\n\n")), ("empty", " \n".to_owned())]),
        variables: HashMap::from([("URL", URL.to_owned()), ("EMPTY", String::new())]),
    };
    let env = |name: &str| Secret::Env(name.to_owned()).resolve(&vault);
    let file = |name: &str| Secret::File(name.into()).resolve(&vault);
    for secret in [env("URL"), file("url")] {
        let secret = secret.unwrap();
        assert_eq!(secret.expose(), URL);
        is_kept(&format!("{secret:?} {secret:#?}"), URL);
    }
    let told = |error: SecretError| error.to_string();
    assert_eq!(
        told(env("EMPTY").unwrap_err()),
        "the environment variable `EMPTY` is empty, write the secret there"
    );
    assert_eq!(
        told(file("empty").unwrap_err()),
        "the file `empty` is empty, write the secret there"
    );
    assert_eq!(
        told(env("OTHER").unwrap_err()),
        "the environment variable `OTHER` is not set, or not UTF-8; set it to the secret"
    );
    assert_eq!(
        told(file("other").unwrap_err()),
        "the secret's file `other` cannot be read"
    );
}

#[derive(Default)]
struct Vault {
    files: HashMap<&'static str, String>,
    variables: HashMap<&'static str, String>,
}

impl SecretSource for Vault {
    fn env(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn file(&self, path: &Path) -> io::Result<String> {
        let text = path.to_str().and_then(|path| self.files.get(path));
        text.cloned()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
