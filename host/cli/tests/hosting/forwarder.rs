//! A way to the broker that is not there at first.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

/// A port of this machine at which nobody listens.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The same broker, by another port.
pub(crate) fn on_port(url: &str, port: u16) -> String {
    let (login, rest) = url.rsplit_once('@').unwrap();
    let (_, virtual_host) = rest.split_once('/').unwrap();
    format!("{login}@127.0.0.1:{port}/{virtual_host}")
}

/// Passes on what comes at a port to the broker of a URL, until the tests end.
pub(crate) fn forward(port: u16, url: &str) {
    let (_, rest) = url.rsplit_once('@').unwrap();
    let (broker, _) = rest.split_once('/').unwrap();
    let broker = broker.to_owned();
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let broker = TcpStream::connect(&broker).unwrap();
            let (to_broker, to_client) = (broker.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || pass(client, to_broker));
            thread::spawn(move || pass(broker, to_client));
        }
    });
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Both);
}
