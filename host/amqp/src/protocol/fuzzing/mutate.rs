//! Random changes of known inputs.

use fastrand::Rng;

/// Makes inputs out of inputs.
#[derive(Debug)]
pub(super) struct Mutator {
    random: Rng,
    inputs: Vec<Vec<u8>>,
}

impl Mutator {
    pub(super) const fn new(random: Rng, inputs: Vec<Vec<u8>>) -> Self {
        Self { random, inputs }
    }

    /// One of the inputs with one to eight changes.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let mut input = self.any_input();
        for _ in 0..=self.random.usize(..8) {
            self.change(&mut input);
        }
        input
    }

    fn any_input(&mut self) -> Vec<u8> {
        let chosen = self.random.choice(&self.inputs);
        chosen.cloned().unwrap_or_default()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.usize(..=input.len());
        let end = (at + self.random.usize(..16)).min(input.len());
        match self.random.u8(..7) {
            0 => {
                if let Some(octet) = input.get_mut(at) {
                    *octet ^= 1 << self.random.u8(..8);
                }
            }
            1 => drop(input.drain(at..end)),
            2 => {
                let token = TOKENS[self.random.usize(..TOKENS.len())];
                drop(input.splice(at..at, token.iter().copied()));
            }
            3 => {
                let piece = input[at..end].repeat(self.random.usize(1..=40));
                drop(input.splice(at..at, piece));
            }
            4 => input.truncate(at),
            5 => {
                // A number as large as it can be.
                for octet in &mut input[at..end] {
                    *octet = 0xff;
                }
            }
            _ => {
                let other = self.any_input();
                let from = self.random.usize(..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
        input.truncate(LONGEST);
    }
}

/// What frames, methods and tables are made of.
const TOKENS: [&[u8]; 16] = [
    b"\xce",
    b"\x01\0\x01\0\0\0\x04",
    b"\x02\0\x01\0\0\0\x0e",
    b"\x03\0\x01\0\0\0\x01a\xce",
    b"\x08\0\0\0\0\0\0\xce",
    b"\0\x3c\0\x3c",
    b"\0\x3c\0\x32",
    b"\0\x3c\0\x50\0\0\0\0\0\0\0\x01\0",
    b"\0\x14\0\x28",
    b"\0\x0a\0\x32",
    b"\x01aF\0\0\0\x07",
    b"\x01aA\0\0\0\x07",
    b"\x01aS\0\0\0\x01a",
    b"\xff\xff\xff\xff",
    b"\x80\0\0\0\0\0\0\0",
    b"AMQP\0\0\x09\x01",
];
/// Nothing is learnt from more.
const LONGEST: usize = 64 * 1024;
