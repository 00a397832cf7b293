//! Why a connection or a channel is no more.

use super::method::Unreadable;
use super::primitive::LONGEST_SHORT;

/// Why a connection is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// The socket broke.
    #[error("{text}")]
    Broken {
        /// What kind of trouble.
        kind: std::io::ErrorKind,
        /// In words.
        text: String,
    },
    /// The broker closed it and said why.
    #[error(transparent)]
    Closed(#[from] Refusal),
    /// We closed it.
    #[error("closed by us")]
    ClosedByUs,
    /// A frame is larger than agreed on.
    #[error("a frame of {size} bytes is larger than the {largest} that were agreed on")]
    FrameTooLarge {
        /// What it says of its payload.
        size: usize,
        /// The most a frame may have.
        largest: usize,
    },
    /// Nothing came for two heartbeats.
    #[error("the broker has given no sign of life for {seconds} s")]
    HeartbeatMissed {
        /// How long nothing came.
        seconds: u64,
    },
    /// A frame that does not belong where it came.
    #[error("{0}")]
    Misplaced(&'static str),
    /// The broker offers none of the login methods that we have.
    #[error("the broker does not offer the login method {wanted}, but {offered}")]
    LoginMethod {
        /// What was to be used.
        wanted: &'static str,
        /// What the broker offers.
        offered: String,
    },
    /// The broker hung up on a login that is longer than what brokers take before the connection is tuned.
    #[error("the broker hung up on a login of {bytes} bytes")]
    LongLogin {
        /// How many it has, with what goes with it.
        bytes: usize,
    },
    /// AMQP cannot carry the name of the virtual host. Nothing was connected.
    #[error("the virtual host's name has {bytes} bytes, and AMQP carries {LONGEST_SHORT}")]
    LongVirtualHost {
        /// How many it has.
        bytes: usize,
    },
    /// A frame does not end where its length says.
    #[error("a frame does not end where it should")]
    NoFrameEnd,
    /// The peer speaks something else.
    #[error("not an AMQP frame: it begins with octet {kind}")]
    NotAFrame {
        /// Its first octet.
        kind: u8,
    },
    /// The broker answered with the header of another version.
    #[error("the peer speaks another version of AMQP than 0-9-1")]
    OtherVersion,
    /// A method that does not belong where it came.
    #[error("{method} came {place}, where it has no place")]
    Unexpected {
        /// Its name.
        method: &'static str,
        /// Where it came.
        place: &'static str,
    },
    /// A method that cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl ConnectionError {
    /// Whether the broker hears of it before we hang up.
    pub(crate) const fn is_told_to_the_broker(&self) -> bool {
        self.reply_code().is_some()
    }

    /// The reply code that tells a broker what it has done wrong (specification §1.5), if it is that.
    pub(crate) const fn reply_code(&self) -> Option<u16> {
        Some(match self {
            Self::FrameTooLarge { .. } | Self::NoFrameEnd | Self::NotAFrame { .. } => FRAME_ERROR,
            Self::Misplaced(_) => UNEXPECTED_FRAME,
            Self::Unexpected { .. } => COMMAND_INVALID,
            Self::Unreadable(Unreadable::Malformed(_)) => SYNTAX_ERROR,
            Self::Unreadable(Unreadable::Unknown { .. }) => NOT_IMPLEMENTED,
            Self::Broken { .. }
            | Self::Closed(_)
            | Self::ClosedByUs
            | Self::HeartbeatMissed { .. }
            | Self::LoginMethod { .. }
            | Self::LongLogin { .. }
            | Self::LongVirtualHost { .. }
            | Self::OtherVersion => return None,
        })
    }
}

const FRAME_ERROR: u16 = 501;
const SYNTAX_ERROR: u16 = 502;
const COMMAND_INVALID: u16 = 503;
const UNEXPECTED_FRAME: u16 = 505;
const NOT_IMPLEMENTED: u16 = 540;

/// The broker's words when it closes a connection or a channel (specification §1.4.2.14, §1.5.2.5).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// The reply code, such as 404.
    pub code: u16,
    /// The reply text. It may name the user, never the password.
    pub text: String,
    /// The class and the number of the method that was refused; zero and zero if it was none.
    pub method: (u16, u16),
}

impl Refusal {
    /// `basic.publish` was refused.
    #[must_use]
    pub const fn is_of_publish(&self) -> bool {
        matches!(self.method, (60, 40))
    }
}
