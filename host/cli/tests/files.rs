//! The configuration files of services: a Python server that is started with them, and the program
//! with the same ones, meet on a broker.

#[path = "../../messaging/tests/tls/certificates.rs"]
mod certificates;
mod common;
#[path = "../../messaging/tests/files/documented.rs"]
mod documented;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use oslo_messaging_tests::broker::Broker;
use oslo_messaging_tests::peer::{Process, unique_name};
use tokio::task::JoinSet;

use self::certificates::Authority;
use self::common::{check_failure, oslo_plugin};
use self::documented::{Fixture, fixtures, without_folders};

/// Each connects, reaches the server, and gets the warnings that the documentation foretells.
#[tokio::test(flavor = "multi_thread")]
async fn every_file_connects_with_the_warnings_that_are_foretold() {
    let site = Arc::new(Site::start());
    let mut running = JoinSet::new();
    let fixtures = fixtures();
    let number = fixtures.len();
    for fixture in fixtures {
        running.spawn(check(Arc::clone(&site), fixture));
    }
    assert_eq!(running.join_all().await.len(), number);
}

/// As before there were warnings, for who wants to have it so.
#[test]
fn with_strict_config_the_first_option_that_nobody_reads_is_refused() {
    let mut refused = 0;
    for (files, warnings) in fixtures() {
        let is_refused = |warning: &&String| !warning.contains("has no effect here");
        let Some(first) = warnings.iter().find(is_refused) else {
            continue;
        };
        let (_, says) = first.split_once(": ").unwrap();
        let files = files
            .iter()
            .flat_map(|(option, path)| [option.as_str(), path]);
        let words: Vec<_> = ["call", "--topic", "t", "--transport", "memory://"]
            .into_iter()
            .chain(files)
            .chain(["--strict-config", "m"])
            .collect();
        check_failure(&words, 3, says);
        refused += 1;
    }
    assert!(refused >= 7, "only {refused} are refused");
}

async fn check(site: Arc<Site>, (files, warnings): Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Vec::new();
    let mut has_url = false;
    for (option, path) in &files {
        let rendered = site.render(Path::new(path), folder.path());
        configuration.extend([option.clone(), rendered.path]);
        has_url |= rendered.has_url;
    }
    let configuration: Vec<&str> = configuration.iter().map(String::as_str).collect();
    // What has no URL would be for a broker on the usual port.
    let url = if has_url { "" } else { &site.url };
    let (exchange, topic) = (unique_name("exchange"), unique_name("files"));

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = here.join("../../tests/python/configured.py");
    let arguments = [&[&*exchange, &*topic, url], &configuration[..]].concat();
    let (server, _lines) = Process::start(&script, &arguments).await.unwrap();

    let to = ["call", "--exchange", &exchange, "--topic", &topic];
    let over: &[&str] = if has_url { &[] } else { &["--transport", url] };
    let method = ["--rpc-version", "2.0", "whoami"];
    let output = oslo_plugin(&[&to[..], over, &configuration, &method].concat());
    let errors = String::from_utf8(output.stderr).unwrap();
    let case = format!("{files:?}\n{errors}\n{}", server.log());
    assert!(output.status.success(), "{case}");
    assert_eq!(output.stdout, b"\"only\"\n", "{case}");
    let said = errors
        .lines()
        .map(|line| match line.strip_prefix("warning: ") {
            Some(warning) => without_folders(warning),
            None => line.to_owned(),
        });
    assert_eq!(said.collect::<Vec<_>>(), warnings, "{case}");
    server.stop().await.unwrap();
}

/// A broker as the files want one: with their user, virtual hosts and TLS, and over IPv6.
struct Site {
    broker: Broker,
    /// Of what has none.
    url: String,
    tls_port: u16,
    ipv6_port: u16,
    authority: String,
    _folder: tempfile::TempDir,
}

struct Rendered {
    path: String,
    has_url: bool,
}

impl Site {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new(folder.path(), "site");
        let issued = authority.issue(folder.path(), "127.0.0.1");
        let tls_port = free_port(Ipv4Addr::LOCALHOST.into());
        let ipv6_port = free_port(Ipv6Addr::LOCALHOST.into());
        let broker = Broker::start_with(&format!(
            "listeners.tcp.6 = ::1:{ipv6_port}\n\
             listeners.ssl.1 = 127.0.0.1:{tls_port}\n\
             ssl_options.certfile = {}\n\
             ssl_options.keyfile = {}\n",
            issued.cert.display(),
            issued.key.display(),
        ))
        .unwrap();
        broker.control(&["add_user", "guest", "guest"]).unwrap();
        for name in ["/", "/nova", "nova", "openstack"] {
            if name != "/" {
                broker.add_virtual_host(name).unwrap();
            }
            let permissions = ["set_permissions", "-p", name, "guest", ".*", ".*", ".*"];
            broker.control(&permissions).unwrap();
        }
        Self {
            url: format!("rabbit://guest:guest@127.0.0.1:{}/", broker.port()),
            broker,
            tls_port,
            ipv6_port,
            authority: authority.file.to_str().unwrap().to_owned(),
            _folder: folder,
        }
    }

    /// A copy of a file, or of a folder of them, with this broker's addresses in the place of the usual
    /// ones. The lines are the same.
    fn render(&self, path: &Path, folder: &Path) -> Rendered {
        let copy = folder.join(path.file_name().unwrap());
        let mut has_url = false;
        if path.is_dir() {
            fs::create_dir(&copy).unwrap();
            for entry in fs::read_dir(path).unwrap() {
                has_url |= self.render(&entry.unwrap().path(), &copy).has_url;
            }
        } else {
            let text = fs::read_to_string(path).unwrap();
            has_url = text.contains("transport_url");
            let rendered = text
                .replace("[::1]:5672", &format!("[::1]:{}", self.ipv6_port))
                .replace(
                    "127.0.0.1:5672",
                    &format!("127.0.0.1:{}", self.broker.port()),
                )
                .replace("127.0.0.1:5671", &format!("127.0.0.1:{}", self.tls_port))
                .replace("/etc/nova/rabbit-client-ca.pem", &self.authority);
            fs::write(&copy, rendered).unwrap();
        }
        let path = copy.to_str().unwrap().to_owned();
        Rendered { path, has_url }
    }
}

fn free_port(address: IpAddr) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
