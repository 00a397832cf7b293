//! Trouble is told as an error, and never says where the broker is.

use oslo_messaging_wasmtime::bindings::types::{Delivery, Error};
use serde_json::json;

use crate::guest::{Guest, Surface, world};
use crate::on_both_surfaces;

on_both_surfaces! {
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
    assert_eq!(error.delivery, Delivery::NotSent);
    assert_eq!(error.message, "the host has closed the transport");
    let error = guest.cast(client, "echo", json!({})).await.unwrap_err();
    assert!(matches!(error, Error::DeliveryFailure(_)), "{error:?}");
}
