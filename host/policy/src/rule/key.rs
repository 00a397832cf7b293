use std::fmt;

use super::glob::{Glob, Pieces, matches};
use crate::value::InvalidValue;

/// A pattern of routing keys, from a topic and perhaps a server.
///
/// A message to one server has the routing key `topic.server`, and so a topic `a.b` is the server
/// `b` of the topic `a`: a pattern is split at its first dot and so is a key. What is before the
/// dot never stands for something behind it: `compute*` does not reach single servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyPattern {
    topic: Glob,
    server: Option<Glob>,
}

impl KeyPattern {
    /// # Errors
    ///
    /// If nothing is before or behind the topic's dot.
    pub(crate) fn new(topic: &Glob, server: Option<&Glob>) -> Result<Self, InvalidValue> {
        let Some((head, tail)) = topic.as_str().split_once('.') else {
            return Ok(Self {
                topic: topic.clone(),
                server: server.cloned(),
            });
        };
        if head.is_empty() || tail.is_empty() {
            let remedy = "write `TOPIC`, or `TOPIC.SERVER`";
            return Err(InvalidValue::new(topic.as_str(), "ends at its dot", remedy));
        }
        Ok(Self {
            topic: head.parse()?,
            server: Some(match server {
                Some(server) => format!("{tail}.{server}").parse()?,
                None => tail.parse()?,
            }),
        })
    }

    pub(crate) fn matches(&self, key: Key<'_>) -> bool {
        let server = match (&self.server, key.server) {
            (None, None) => true,
            (Some(pattern), Some(server)) => matches(pattern.as_str().as_bytes(), server),
            _ => false,
        };
        server && !key.topic.is_empty() && self.topic.matches(key.topic)
    }

    /// Whether every key that fits `other` fits this.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let server = match (&self.server, &other.server) {
            (None, None) => true,
            (Some(mine), Some(others)) => mine.covers(others),
            _ => false,
        };
        server && self.topic.covers(&other.topic)
    }
}

impl fmt::Display for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => write!(f, "{}.{server}", self.topic),
            None => self.topic.fmt(f),
        }
    }
}

/// The routing key of a request, not joined.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// Up to the first dot.
    topic: &'a str,
    /// What is behind it.
    server: Option<Pieces<'a>>,
}

impl<'a> Key<'a> {
    pub(crate) fn new(topic: &'a str, server: Option<&'a str>) -> Self {
        match (topic.split_once('.'), server) {
            (None, None) => Self {
                topic,
                server: None,
            },
            (None, Some(server)) => Self {
                topic,
                server: Some(Pieces([server, "", ""])),
            },
            (Some((topic, rest)), None) => Self {
                topic,
                server: Some(Pieces([rest, "", ""])),
            },
            (Some((topic, rest)), Some(server)) => Self {
                topic,
                server: Some(Pieces([rest, ".", server])),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(topic: &str, server: Option<&str>) -> KeyPattern {
        let server = server.map(|server| server.parse().unwrap());
        KeyPattern::new(&topic.parse().unwrap(), server.as_ref()).unwrap()
    }

    #[test]
    fn keys_have_one_spelling() {
        let check = |topic: &str, server: Option<&str>, key: (&str, Option<&str>), fits: bool| {
            let fitted = pattern(topic, server).matches(Key::new(key.0, key.1));
            assert_eq!(fitted, fits, "{topic} {server:?} {key:?}");
        };
        for key in [("a", Some("b")), ("a.b", None)] {
            check("a", Some("b"), key, true);
            check("a.b", None, key, true);
            check("a", Some("*"), key, true);
            check("a.*", None, key, true);
            check("*", Some("b"), key, true);
            check("a", None, key, false);
            check("a*", None, key, false);
            check("*", None, key, false);
            check("a", Some("c"), key, false);
        }
        for key in [("a", Some("b.c")), ("a.b", Some("c")), ("a.b.c", None)] {
            check("a", Some("b.c"), key, true);
            check("a", Some("*"), key, true);
            check("a.b", None, key, false);
            check("a.b*", None, key, true);
            check("a*", Some("c"), key, false);
        }
        check("a", None, ("a", None), true);
        check("a*", None, ("ab", None), true);
        check("a", Some("*"), ("a", None), false);
        check("*", None, ("", None), false);
        check("*", Some("*"), ("", Some("a")), false);
    }

    proptest! {
        /// The routing key decides, and not how it was put.
        #[test]
        fn where_a_key_is_cut_changes_nothing(
            topic in "[ab*]{1,3}(\\.[ab*]{1,3})?", server in proptest::option::of("[ab.*]{1,4}"),
            key in "[ab]{1,3}(\\.[ab]{1,3}){0,3}",
        ) {
            let pattern = pattern(&topic, server.as_deref());
            let whole = pattern.matches(Key::new(&key, None));
            for (dot, _) in key.match_indices('.') {
                let cut = Key::new(&key[..dot], Some(&key[dot + 1..]));
                prop_assert_eq!(pattern.matches(cut), whole);
            }
        }

        #[test]
        fn what_is_covered_is_matched(
            wide in "[ab*]{1,3}(\\.[ab*]{1,3})?", narrow in "[ab*]{1,3}(\\.[ab*]{1,3})?",
            key in "[ab]{1,3}(\\.[ab]{1,3}){0,2}",
        ) {
            let (wide, narrow) = (pattern(&wide, None), pattern(&narrow, None));
            if wide.covers(&narrow) && narrow.matches(Key::new(&key, None)) {
                prop_assert!(wide.matches(Key::new(&key, None)));
            }
        }
    }
}
