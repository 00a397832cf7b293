//! Our codec beside `amq-protocol`: what one writes the other reads, and of mutated bytes both read the
//! same or both refuse them. What differs on purpose:
//!
//! | | ours | theirs |
//! |---|---|---|
//! | a text that is not UTF-8 | its bytes | refused |
//! | a malformed table | passed on; read up to the malformed entry | refused with its method or header |
//! | a malformed property | those before it are read | the header is refused |
//! | a name twice in a table | the first counts | the last counts |
//! | bytes after a method's arguments | passed over | refused |
//! | a second word of property flags | passed over | read as values |
//! | floating points, decimals, arrays, void | passed over whole | values |
//! | a frame's length | bounded | believed |

mod frames;
mod methods;
mod properties;
mod tables;

use amq_protocol::frame::WriteContext;
use proptest::prelude::*;

/// What one of their generators writes.
fn written(
    generator: impl FnOnce(
        WriteContext<Vec<u8>>,
    ) -> Result<WriteContext<Vec<u8>>, amq_protocol::frame::GenError>,
) -> Vec<u8> {
    let Ok(context) = generator(WriteContext::from(Vec::new())) else {
        panic!("a vector takes everything")
    };
    context.into_inner().0
}

/// Some changes of some bytes.
fn mutations() -> impl Strategy<Value = Vec<(prop::sample::Index, Change)>> {
    let change = prop_oneof![
        any::<u8>().prop_map(Change::Set),
        (0..8_u8).prop_map(Change::Flip),
        Just(Change::Cut),
        any::<u8>().prop_map(Change::Insert),
        Just(Change::Remove),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), change), 0..4)
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Cut,
    Flip(u8),
    Insert(u8),
    Remove,
    Set(u8),
}

fn mutate(bytes: &mut Vec<u8>, mutations: &[(prop::sample::Index, Change)]) {
    for (index, change) in mutations {
        if bytes.is_empty() {
            return;
        }
        let at = index.index(bytes.len());
        match *change {
            Change::Cut => bytes.truncate(at),
            Change::Flip(bit) => bytes[at] ^= 1 << bit,
            Change::Insert(octet) => bytes.insert(at, octet),
            Change::Remove => drop(bytes.remove(at)),
            Change::Set(octet) => bytes[at] = octet,
        }
    }
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("OSLO_FUZZ_RUNS").map_or(2_000, |runs| runs.parse().unwrap()),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Texts of any length that fits, most of them short.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z.]{0,12}",
        2 => "\\PC{0,20}",
        1 => (0..256_usize).prop_map(|length| "x".repeat(length)),
    ]
}
