//! TLS against private brokers whose certificates are made for this run.
//!
//! One broker asks for nothing and is called `localhost`; one wants a certificate, is called
//! `127.0.0.1` and lets its users log in by certificate.

#[path = "tls/certificates.rs"]
mod certificates;
#[path = "tls/held.rs"]
mod held;
#[path = "tls/own.rs"]
mod own;

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oslo_messaging::transport::rustls::ClientConfig;
use oslo_messaging::{Error, RpcClient, Target, Transport, TransportErrorKind, TransportOptions};
use oslo_messaging_tests::broker::Broker;
use serde_json::json;

use self::certificates::{Authority, Issued};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_end_is_who_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (
        Authority::new(folder.path(), "ours"),
        Authority::new(folder.path(), "theirs"),
    );
    let issue = |name| ours.issue(folder.path(), name);
    let (open, strict) = std::thread::scope(|scope| {
        let open = scope.spawn(|| Node::start(&issue("localhost"), ""));
        let strict = scope.spawn(|| {
            let authority = ours.file.display();
            let node = Node::start(
                &issue("127.0.0.1"),
                &format!(
                    "ssl_options.cacertfile = {authority}\n\
                     ssl_options.verify = verify_peer\n\
                     ssl_options.fail_if_no_peer_cert = true\n\
                     ssl_cert_login_from = common_name\n\
                     auth_mechanisms.1 = AMQPLAIN\n\
                     auth_mechanisms.2 = PLAIN\n\
                     auth_mechanisms.3 = EXTERNAL\n"
                ),
            );
            node.let_in_by_certificate("service");
            node
        });
        (open.join().unwrap(), strict.join().unwrap())
    });

    let trusting = |authority: &Authority| option("ssl_ca_file", &authority.file);
    let presenting = |issued: &Issued| {
        option("ssl_cert_file", &issued.cert) + &option("ssl_key_file", &issued.key)
    };
    let service = issue("service");
    let stranger = theirs.issue(folder.path(), "service");
    let at = |node: &Node, host: &str| node.host(host, node.tls_port);

    check(&at(&open, "localhost"), &trusting(&ours), Ok(())).await;
    let refused = |words| Err((TransportErrorKind::Tls, words));
    check(
        &at(&open, "localhost"),
        &trusting(&theirs),
        refused("UnknownIssuer"),
    )
    .await;
    check(
        &at(&open, "localhost"),
        "&ssl_version=TLSv1_2",
        refused("ertificate"),
    )
    .await;
    check(
        &at(&open, "127.0.0.1"),
        &trusting(&ours),
        refused("certificate not valid for name"),
    )
    .await;
    let missing = option("ssl_ca_file", &folder.path().join("missing.pem"));
    check(&at(&open, "localhost"), &missing, refused("missing.pem")).await;
    let plain = open.host("localhost", open.broker.port());
    check(&plain, &trusting(&ours), refused("is its port for TLS?")).await;
    let not_amqp = Err((TransportErrorKind::HandshakeFailed, "set ssl=true"));
    check(&at(&open, "localhost"), "", not_amqp).await;

    // What a program configures itself, in place of files and without `ssl=true`.
    let own = |roots: &Authority, shown: Option<&Issued>| Some(own::config(roots, shown));
    let trusts = own(&ours, None);
    check_with(trusts.clone(), &at(&open, "localhost"), Ok(())).await;
    let trusts_others = own(&theirs, None);
    check_with(
        trusts_others,
        &at(&open, "localhost"),
        refused("UnknownIssuer"),
    )
    .await;
    let not_its_name = refused("certificate not valid for name");
    check_with(trusts.clone(), &at(&open, "127.0.0.1"), not_its_name).await;
    let shows = own(&ours, Some(&service));
    check_with(shows, &at(&strict, "127.0.0.1"), Ok(())).await;
    let url = format!("rabbit://localhost/?{}", &trusting(&ours)[1..]);
    let mut both = TransportOptions::default();
    both.tls = trusts;
    let error = Transport::with_options(&url.parse().unwrap(), both).unwrap_err();
    assert!(error.to_string().contains("`ssl_ca_file`"), "{error}");

    // With a certificate that the broker does not want.
    let presented = trusting(&ours) + &presenting(&service);
    check(&at(&open, "localhost"), &presented, Ok(())).await;

    check(&at(&strict, "127.0.0.1"), &presented, Ok(())).await;
    let unknown = trusting(&ours) + &presenting(&stranger);
    // The broker refuses when TLS is up already, and what it says is lost if it resets as well.
    for options in [&trusting(&ours), &unknown] {
        check_refused_late(&at(&strict, "127.0.0.1"), options).await;
    }

    let external = presented.clone() + "&rabbit_login_method=EXTERNAL";
    let nobody = |node: &Node, host| format!("nobody:wrong@{host}:{}", node.tls_port);
    check(&nobody(&strict, "127.0.0.1"), &external, Ok(())).await;
    let not_offered = Err((TransportErrorKind::LoginRefused, "EXTERNAL"));
    check(&nobody(&open, "localhost"), &external, not_offered).await;
    let root = trusting(&ours) + &presenting(&issue("somebody")) + "&rabbit_login_method=EXTERNAL";
    let login = Err((TransportErrorKind::LoginRefused, "login"));
    check(&nobody(&strict, "127.0.0.1"), &root, login).await;

    // Both hosts in one URL: each is verified by its own name, before and after a failover.
    let hosts = format!("{},{}", at(&open, "localhost"), at(&strict, "127.0.0.1"));
    let transport = Transport::new(&format!("rabbit://{hosts}/?ssl=true{presented}")).unwrap();
    cast(&transport).await.unwrap();
    let names_swapped = format!("{},{}", at(&open, "127.0.0.1"), at(&strict, "localhost"));
    check(
        &names_swapped,
        &presented,
        refused("certificate not valid for name"),
    )
    .await;
    drop(open);
    cast_until_it_works(&transport).await;
    transport.close().await;
}

/// What a cast through these hosts ends with: a kind of trouble and words of its text.
async fn check(hosts: &str, options: &str, expected: Result<(), (TransportErrorKind, &str)>) {
    let result = outcome(hosts, options).await;
    compare(&format!("{hosts} {options}: {result:?}"), result, expected);
}

/// As [`check`], with a TLS configuration of one's own and nothing said of TLS in the URL.
async fn check_with(
    tls: Option<Arc<ClientConfig>>,
    hosts: &str,
    expected: Result<(), (TransportErrorKind, &str)>,
) {
    let mut options = TransportOptions::default();
    options.tls = tls;
    let url = format!("rabbit://{hosts}/").parse().unwrap();
    let transport = Transport::with_options(&url, options).unwrap();
    let result = outcome_of(&transport, hosts).await;
    compare(&format!("{hosts}: {result:?}"), result, expected);
}

fn compare(
    case: &str,
    result: Result<(), (TransportErrorKind, String)>,
    expected: Result<(), (TransportErrorKind, &str)>,
) {
    match (result, expected) {
        (Ok(()), Ok(())) => {}
        (Err((found, text)), Err((kind, words))) => {
            assert_eq!(found, kind, "{case}");
            assert!(text.contains(words), "{case}");
        }
        _ => panic!("{case}"),
    }
}

async fn check_refused_late(host: &str, options: &str) {
    let (kind, text) = outcome(host, options).await.unwrap_err();
    let expected = [TransportErrorKind::Tls, TransportErrorKind::HandshakeFailed];
    assert!(expected.contains(&kind), "{kind:?} {text}");
    assert!(text.contains("certificate"), "{text}");
}

async fn outcome(hosts: &str, options: &str) -> Result<(), (TransportErrorKind, String)> {
    let url = match options {
        "" => format!("rabbit://{hosts}/"),
        options => format!("rabbit://{hosts}/?ssl=true{options}"),
    };
    outcome_of(&Transport::new(&url).unwrap(), &url).await
}

async fn outcome_of(transport: &Transport, url: &str) -> Result<(), (TransportErrorKind, String)> {
    let begin = Instant::now();
    let result = cast(transport).await;
    assert!(begin.elapsed() < Duration::from_secs(8), "{url}");
    transport.close().await;
    match result {
        Ok(()) => Ok(()),
        Err(Error::DeliveryFailure { source, .. }) => {
            let text = source.to_string();
            assert!(!text.contains(PASSWORD), "{text}");
            Err((source.kind(), text))
        }
        Err(other) => panic!("{url}: {other:?}"),
    }
}

async fn cast(transport: &Transport) -> Result<(), Error> {
    RpcClient::new(transport, Target::topic("nobody"))
        .timeout(Duration::from_secs(10))
        .retry(0)
        .cast(&json!({}), "method", &json!({}))
        .await
}

/// What was on its way when the broker died is reported as such, and what was refused a moment ago is not
/// asked again at once; a later one goes well.
async fn cast_until_it_works(transport: &Transport) {
    let begin = Instant::now();
    while let Err(error) = cast(transport).await {
        assert!(begin.elapsed() < Duration::from_secs(10), "{error}");
    }
}

struct Node {
    broker: Broker,
    tls_port: u16,
}

impl Node {
    fn start(issued: &Issued, more: &str) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let tls_port = free.local_addr().unwrap().port();
        drop(free);
        let broker = Broker::start_with(&format!(
            "listeners.ssl.1 = 127.0.0.1:{tls_port}\n\
             ssl_options.certfile = {}\n\
             ssl_options.keyfile = {}\n\
             {more}",
            issued.cert.display(),
            issued.key.display(),
        ))
        .unwrap();
        broker.control(&["add_user", USER, PASSWORD]).unwrap();
        let node = Self { broker, tls_port };
        node.permit(USER);
        node
    }

    fn host(&self, name: &str, port: u16) -> String {
        format!("{USER}:{PASSWORD}@{name}:{port}")
    }

    fn permit(&self, user: &str) {
        self.broker
            .control(&["set_permissions", user, ".*", ".*", ".*"])
            .unwrap();
    }

    fn let_in_by_certificate(&self, user: &str) {
        let mut plugins = self.broker.command("rabbitmq-plugins");
        plugins.args(["--quiet", "enable", "rabbitmq_auth_mechanism_ssl"]);
        let enabled = plugins.output().unwrap();
        assert!(enabled.status.success(), "{enabled:?}");
        self.broker.control(&["add_user", user, PASSWORD]).unwrap();
        self.permit(user);
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("&{name}={}", path.display())
}

const USER: &str = "tester";
const PASSWORD: &str = "not-to-be-printed";
