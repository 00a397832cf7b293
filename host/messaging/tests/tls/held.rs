//! A connection with TLS while it is used.

use std::fs::copy;
use std::time::Duration;

use oslo_messaging::{Endpoint, RpcClient, RpcServer, Target, Transport};
use serde_json::{Value, json};

use crate::certificates::{Authority, Issued};
use crate::{Node, cast, cast_until_it_works, option};

/// Messages of many TLS records, which come in pieces of other sizes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_messages_are_whole_and_renewed_certificates_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (
        Authority::new(folder.path(), "ours"),
        Authority::new(folder.path(), "theirs"),
    );
    let authority = ours.file.display();
    let node = Node::start(
        &ours.issue(folder.path(), "127.0.0.1"),
        &format!(
            "ssl_options.cacertfile = {authority}\n\
             ssl_options.verify = verify_peer\n\
             ssl_options.fail_if_no_peer_cert = true\n"
        ),
    );
    let shown = Issued {
        cert: folder.path().join("shown.cert.pem"),
        key: folder.path().join("shown.key.pem"),
    };
    let show = |issued: &Issued| {
        copy(&issued.cert, &shown.cert).unwrap();
        copy(&issued.key, &shown.key).unwrap();
    };
    let url = format!(
        "rabbit://{}/?ssl=true{}{}{}",
        node.host("127.0.0.1", node.tls_port),
        option("ssl_ca_file", &ours.file),
        option("ssl_cert_file", &shown.cert),
        option("ssl_key_file", &shown.key),
    );
    let transport = Transport::new(&url).unwrap();
    show(&theirs.issue(folder.path(), "service"));
    cast(&transport).await.unwrap_err();
    // Somebody renews it, and the program goes on: the next connection shows it.
    show(&ours.issue(folder.path(), "service"));
    cast_until_it_works(&transport).await;

    let echo = |_, args: Value| async move { Ok(args) };
    let server = RpcServer::builder(&transport, Target::topic("large").server("host-1"))
        .endpoint(Endpoint::new().method("echo", echo));
    let server = server.start().await.unwrap();
    let client =
        RpcClient::new(&transport, Target::topic("large")).timeout(Duration::from_secs(20));
    for megabytes in [1, 4, 12] {
        let text: String = (0..megabytes * 1024 * 1024 / 8)
            .map(|number| format!("{number:08x}"))
            .collect();
        let sent = json!({ "text": text });
        let echoed: Value = client.call(&json!({}), "echo", &sent).await.unwrap();
        assert!(echoed == sent, "{megabytes} MiB are not the same");
    }
    server.stop().await;
    transport.close().await;
}
