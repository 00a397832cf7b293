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
        match self.random.u8(..6) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.u8(..8);
                }
            }
            1 => drop(input.drain(at..end)),
            2 => {
                let token = TOKENS[self.random.usize(..TOKENS.len())].as_bytes();
                drop(input.splice(at..at, token.iter().copied()));
            }
            3 => {
                let piece = input[at..end].repeat(self.random.usize(1..=40));
                drop(input.splice(at..at, piece));
            }
            4 => input.truncate(at),
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

/// What the formats are made of.
const TOKENS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    "NaN",
    "-Infinity",
    "null",
    "1e999",
    ":",
    ",",
    "@",
    "/",
    "?",
    "%",
    "%2F",
    "$",
    "${",
    "\n",
    "=",
    "\u{feff}",
];
/// Nothing is learnt from more.
const LONGEST: usize = 64 * 1024;
