//! Random changes of known inputs.

/// A small generator (xorshift), so that a seed repeats a run.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count.max(1) as u64) as usize
    }
}

/// Makes inputs out of inputs.
#[derive(Debug)]
pub(super) struct Mutator {
    random: Random,
    inputs: Vec<Vec<u8>>,
}

impl Mutator {
    pub(super) const fn new(random: Random, inputs: Vec<Vec<u8>>) -> Self {
        Self { random, inputs }
    }

    /// One of the inputs with one to eight changes.
    pub(super) fn next(&mut self) -> Vec<u8> {
        let mut input = self.any_input();
        for _ in 0..=self.random.below(8) {
            self.change(&mut input);
        }
        input
    }

    fn any_input(&mut self) -> Vec<u8> {
        let chosen = self.random.below(self.inputs.len());
        self.inputs.get(chosen).cloned().unwrap_or_default()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.random.below(input.len() + 1);
        let end = (at + self.random.below(16)).min(input.len());
        match self.random.below(6) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.random.below(8);
                }
            }
            1 => drop(input.drain(at..end)),
            2 => {
                let token = TOKENS[self.random.below(TOKENS.len())].as_bytes();
                drop(input.splice(at..at, token.iter().copied()));
            }
            3 => {
                let piece = input[at..end].repeat(1 + self.random.below(40));
                drop(input.splice(at..at, piece));
            }
            4 => input.truncate(at),
            _ => {
                let other = self.any_input();
                let from = self.random.below(other.len() + 1);
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
