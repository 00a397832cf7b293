//! What a plugin finds of the machine that it is on.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

use oslo_messaging_guest::serve::{Exception, Request};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// Somebody listens there.
    address: String,
    /// Which is there.
    file: String,
}

/// Everything that it got hold of; an empty list is what should come of it.
pub(crate) fn look(_: Request, Look { address, file }: Look) -> Result<Value, Exception> {
    let folder = file.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let new = format!("{folder}/made-by-a-plugin");
    let tried: [(&str, io::Result<()>); 10] = [
        ("a file was read", fs::read(&file).map(drop)),
        ("a file was written", fs::write(new, "x")),
        ("a folder was listed", fs::read_dir(folder).map(drop)),
        ("the root was listed", fs::read_dir("/").map(drop)),
        ("there is a folder here", fs::read_dir(".").map(drop)),
        ("it connected", TcpStream::connect(&address).map(drop)),
        ("it listens", TcpListener::bind("127.0.0.1:0").map(drop)),
        ("it has a socket", UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("it sent a datagram", datagram(&address)),
        (
            "a name was looked up",
            "localhost:80".to_socket_addrs().map(drop),
        ),
    ];
    let mut found: Vec<_> = tried
        .into_iter()
        .filter_map(|(what, tried)| tried.is_ok().then(|| what.to_owned()))
        .collect();
    found.extend(std::env::vars().map(|(name, _)| format!("the variable {name}")));
    let arguments = std::env::args().skip(1);
    found.extend(arguments.map(|argument| format!("the argument {argument}")));
    Ok(json!(found))
}

fn datagram(address: &str) -> io::Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.send_to(b"x", address).map(drop)
}
