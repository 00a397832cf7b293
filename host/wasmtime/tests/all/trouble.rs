//! Trouble is told as an error, and never says where the broker is.

use oslo_messaging::Transport;
use oslo_messaging_wasmtime::MessagingCtx;
use oslo_messaging_wasmtime::bindings::types::{Error, Outcome};
use serde_json::json;

use crate::guest::{Guest, Setting, Surface, topic, world};
use crate::on_every_surface;

on_every_surface! {
    a_closed_transport_is_a_delivery_failure,
}

async fn a_closed_transport_is_a_delivery_failure(surface: Surface) {
    let (transport, _server, ctx) = world().await;
    let (mut guest, client) = Guest::with_client(surface, ctx);
    transport.close().await;
    let error = guest.call(client, "echo", json!({})).await.unwrap_err();
    let Error::DeliveryFailure(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.outcome, Outcome::NotExecuted);
    assert_eq!(error.message, "the host has closed the transport");
    let error = guest.cast(client, "echo", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::DeliveryFailure(_)), "{error:?}");
}

/// With a real socket, and so with real time.
#[tokio::test]
async fn no_error_says_where_the_broker_is() {
    for surface in [Surface::Plain, Surface::Asynchronous, Surface::Poll] {
        check_unreachable_broker(surface).await;
    }
}

async fn check_unreachable_broker(surface: Surface) {
    // Nobody listens on the discard port, so that connecting fails at once.
    let transport = Transport::new("rabbit://alice:secret@127.0.0.1:9/hidden").unwrap();
    let mut guest = Guest::new(
        surface,
        MessagingCtx::builder().transport("main", transport),
    );
    let settings = vec![Setting::Retry(Some(0))];
    let client = guest.open("main", topic("compute"), settings).unwrap();
    let call = guest.call(client, "echo", json!({})).await.unwrap_err();
    let cast = guest.cast(client, "echo", json!({})).await.unwrap_err();
    for error in [call, cast] {
        let Error::DeliveryFailure(error) = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.outcome, Outcome::NotExecuted);
        assert_eq!(error.message, "the broker cannot be reached");
    }
}
