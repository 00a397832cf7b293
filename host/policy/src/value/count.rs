use std::num::NonZeroU32;

/// How many of something, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(NonZeroU32);

impl Count {
    /// Of a number that is not zero.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// For constants; zero becomes one.
    pub(crate) const fn at_least_one(number: u32) -> Self {
        match Self::new(number) {
            Some(count) => count,
            None => Self(NonZeroU32::MIN),
        }
    }
}
