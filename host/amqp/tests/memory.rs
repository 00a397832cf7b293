//! What a broker promises costs no memory; what it sends costs a few times as much as it is.

use std::alloc::System;
use std::time::Instant;

use bytes::BytesMut;
use oslo_amqp::protocol::{
    Config, Connection, FrameKind, Login, Long, Method, Properties, RawTable, Short,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[path = "simulated/wire.rs"]
mod wire;

use wire::{body, deliver, frame, header, method};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn opened(channels: u16) -> Connection<(), u16> {
    let now = Instant::now();
    let mut connection = Connection::new(Config::new(Login::External, "/"), now);
    let start = Method::ConnectionStart {
        version_major: 0,
        version_minor: 9,
        server_properties: RawTable::default(),
        mechanisms: Long(b"EXTERNAL"),
        locales: Long(b"en_US"),
    };
    let tune = Method::ConnectionTune {
        channel_max: channels,
        frame_max: 0,
        heartbeat: 0,
    };
    let reserved = Short::EMPTY;
    for said in [start, tune, Method::ConnectionOpenOk { reserved }] {
        let mut buffer = BytesMut::from(&method(0, &said)[..]);
        connection.receive(now, &mut buffer).unwrap();
    }
    for number in 1..=channels {
        assert_eq!(connection.open_channel(number), Ok(number));
        let reserved = Long(b"");
        let said = method(number, &Method::ChannelOpenOk { reserved });
        connection
            .receive(now, &mut BytesMut::from(&said[..]))
            .unwrap();
    }
    while connection.poll_event().is_some() {}
    connection
}

/// How many bytes the connection keeps beside what it was given, at the most.
fn kept(channels: u16, said: impl Fn(u16) -> Vec<Vec<u8>>) -> (usize, usize) {
    let mut connection = opened(channels);
    let said: Vec<_> = (1..=channels).map(said).collect();
    let frames = said.iter().map(Vec::len).max().unwrap_or_default();
    let mut buffer = BytesMut::with_capacity(256 * 1024);
    let mut given = 0;
    let region = Region::new(ALLOCATOR);
    // One frame of each channel in turn.
    for turn in 0..frames {
        for frame in said.iter().filter_map(|said| said.get(turn)) {
            given += frame.len();
            buffer.extend_from_slice(frame);
            connection.receive(Instant::now(), &mut buffer).unwrap();
        }
    }
    let change = region.change();
    let kept = change
        .bytes_allocated
        .saturating_sub(change.bytes_deallocated);
    assert!(connection.poll_event().is_none(), "nothing is complete");
    (kept, given)
}

#[test]
fn memory_is_bounded_by_what_comes() {
    a_message_is_as_large_as_it_is();
    let properties = Properties::builder;
    let huge = [1 << 63, u64::MAX, 128 * 1024 * 1024 + 1];
    for size in huge {
        let (kept, _) = kept(1, |number| {
            let mut said = vec![deliver(number, 1), header(number, size, properties())];
            said.extend((0..200).map(|_| body(number, &[0; 50_000])));
            said
        });
        // Ten megabytes came, and were thrown away; a buffer or two are still there.
        assert!(kept < 1024 * 1024, "{size}: {kept}");
    }
    // As much as is taken is promised, and next to nothing comes of it.
    let (kept_of_little, given) = kept(500, |number| {
        vec![
            deliver(number, 1),
            header(number, 128 * 1024 * 1024, properties()),
            body(number, b""),
            body(number, b"a"),
            frame(FrameKind::Heartbeat, 0, b""),
            body(number, b"b"),
        ]
    });
    assert!(kept_of_little < given * 8, "{kept_of_little} of {given}");
    let (kept_of_much, given) = kept(20, |number| {
        let mut said = vec![
            deliver(number, 1),
            header(number, 128 * 1024 * 1024, properties()),
        ];
        said.extend((0..30).map(|_| body(number, &[0; 100_000])));
        said
    });
    assert!(kept_of_much < given * 3, "{kept_of_much} of {given}");
}

/// Whoever keeps messages counts their bytes.
fn a_message_is_as_large_as_it_is() {
    for frames in [1, 7, 9, 17, 20, 33] {
        let mut connection = opened(1);
        let size = frames * 100_000;
        let mut said = vec![deliver(1, 1), header(1, size as u64, Properties::builder())];
        said.extend((0..frames).map(|_| body(1, &[0; 100_000])));
        let mut buffer = BytesMut::with_capacity(256 * 1024);
        let region = Region::new(ALLOCATOR);
        for frame in &said {
            buffer.extend_from_slice(frame);
            connection.receive(Instant::now(), &mut buffer).unwrap();
        }
        let delivered = connection.poll_event();
        let change = region.change();
        let kept = change
            .bytes_allocated
            .saturating_sub(change.bytes_deallocated);
        assert!(delivered.is_some());
        // A read buffer is there as well.
        assert!(kept < size + 600_000, "{frames}: {kept} of {size}");
    }
}
