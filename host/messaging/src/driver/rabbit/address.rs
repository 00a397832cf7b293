use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::backoff::chance;
use crate::config::{FailoverStrategy, RabbitOptions, TransportUrl};

/// One broker, with upstream's defaults in place of what the URL left out.
#[derive(Clone)]
pub(super) struct Address {
    /// What to connect to.
    pub(super) host: String,
    /// What the certificate has to name.
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: String,
}

/// The brokers of one transport, and which of them is next.
#[derive(Debug)]
pub(super) struct Addresses {
    list: Vec<Address>,
    strategy: FailoverStrategy,
    next: AtomicUsize,
}

impl Addresses {
    pub(super) fn new(url: &TransportUrl, options: &RabbitOptions) -> Self {
        let default_port = if options.ssl { 5671 } else { 5672 };
        let mut list: Vec<Address> = url
            .hosts()
            .iter()
            .map(|host| {
                Address::new(
                    host.name(),
                    host.port().unwrap_or(default_port),
                    host.user(),
                    host.password(),
                )
            })
            .collect();
        if list.is_empty() {
            list.push(Address::new(None, default_port, None, None));
        }
        let strategy = options.kombu_failover_strategy;
        let next = match strategy {
            FailoverStrategy::RoundRobin => 0,
            FailoverStrategy::Shuffle => below(list.len()),
        };
        Self {
            list,
            strategy,
            next: AtomicUsize::new(next),
        }
    }

    /// All of them once, in order or shuffled, beginning with the next one.
    pub(super) fn round(&self) -> impl Iterator<Item = (usize, &Address)> {
        let first = self.next.load(Ordering::Relaxed) % self.list.len().max(1);
        let (before, after) = self.list.split_at(first);
        let positions = (first..self.list.len()).chain(0..first);
        let mut round: Vec<_> = positions.zip(after.iter().chain(before)).collect();
        if self.strategy == FailoverStrategy::Shuffle {
            for last in (2..round.len()).rev() {
                round.swap(last, 1 + below(last));
            }
        }
        round.into_iter()
    }

    /// The connection to this one worked: the next connection goes there too.
    pub(super) fn worked(&self, position: usize) {
        self.next.store(position, Ordering::Relaxed);
    }

    /// The connection to this one broke: the next round begins with another.
    pub(super) fn broke(&self, position: usize) {
        let distance = match self.strategy {
            FailoverStrategy::RoundRobin => 1,
            FailoverStrategy::Shuffle => 1 + below(self.list.len().saturating_sub(1)),
        };
        self.next.store(position + distance, Ordering::Relaxed);
    }
}

/// A random number from 0 to one below this.
fn below(count: usize) -> usize {
    // Lists of hosts are short: the loss of precision is nobody's.
    let chosen = (chance() * count as f64) as usize;
    chosen.min(count.saturating_sub(1))
}

impl Address {
    /// Upstream connects to lower-cased names, and to 127.0.0.1 instead of `localhost`: brokers
    /// often listen on IPv4 alone.
    fn new(name: Option<&str>, port: u16, user: Option<&str>, password: Option<&str>) -> Self {
        let name = name.unwrap_or("localhost").to_lowercase();
        let host = if name == "localhost" {
            "127.0.0.1".to_owned()
        } else {
            name.clone()
        };
        let user = user.unwrap_or("guest").to_owned();
        let password = password.unwrap_or("guest").to_owned();
        Self {
            host,
            name,
            port,
            user,
            password,
        }
    }
}

/// `host:port`, without credentials.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(url: &str) -> Addresses {
        let url = TransportUrl::parse(url).unwrap();
        Addresses::new(&url, &RabbitOptions::from_pairs(url.options()).unwrap())
    }

    #[test]
    fn fills_in_what_is_missing() {
        let check = |url: &str, expected: &[&str]| {
            let list: Vec<_> = addresses(url)
                .list
                .iter()
                .map(|address| format!("{}:{}@{address}", address.user, address.password))
                .collect();
            assert_eq!(list, expected, "{url}");
        };
        check("rabbit:", &["guest:guest@127.0.0.1:5672"]);
        check("rabbit://LocalHost", &["guest:guest@127.0.0.1:5672"]);
        check(
            "rabbit://H.Example.COM/v",
            &["guest:guest@h.example.com:5672"],
        );
        check("rabbit://u@h", &["u:guest@h:5672"]);
        check("rabbit://u:p@/bar", &["u:p@127.0.0.1:5672"]);
        check("rabbit://u:p@h1,h2:7", &["u:p@h1:5672", "guest:guest@h2:7"]);
        check(
            "rabbit://h1,h2:5672?ssl=true",
            &["guest:guest@h1:5671", "guest:guest@h2:5672"],
        );
        check("rabbit:?ssl=1", &["guest:guest@127.0.0.1:5671"]);
        check("rabbit://[::1]", &["guest:guest@[::1]:5672"]);
    }

    #[test]
    fn a_round_is_every_host_once_beginning_after_the_broken_one() {
        let addresses = addresses("rabbit://a,b,c");
        let round = || -> Vec<String> {
            addresses
                .round()
                .map(|(position, a)| format!("{position}{}", a.host))
                .collect()
        };
        assert_eq!(round(), ["0a", "1b", "2c"]);
        addresses.worked(1);
        assert_eq!(round(), ["1b", "2c", "0a"]);
        addresses.broke(1);
        assert_eq!(round(), ["2c", "0a", "1b"]);
        addresses.broke(2);
        assert_eq!(round(), ["0a", "1b", "2c"]);
    }

    #[test]
    fn a_shuffled_round_is_every_host_once_beginning_with_any_but_the_broken_one() {
        let addresses = addresses("rabbit://a,b,c,d?kombu_failover_strategy=shuffle");
        let mut rounds = std::collections::HashSet::new();
        for _ in 0..500 {
            addresses.worked(2);
            let kept: Vec<_> = addresses.round().map(|(position, _)| position).collect();
            assert_eq!(kept.first(), Some(&2));
            addresses.broke(2);
            let round: Vec<_> = addresses.round().map(|(position, _)| position).collect();
            assert_ne!(round.first(), Some(&2));
            let mut sorted = round.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
            rounds.insert(round);
        }
        // Of four hosts there are 18 orders that do not begin with one of them.
        assert!(rounds.len() > 12, "{rounds:?}");
    }

    #[test]
    fn never_shows_credentials() {
        let printed = format!("{:?}", addresses("rabbit://user:secret@h"));
        assert!(
            !printed.contains("secret") && !printed.contains("user"),
            "{printed}"
        );
    }
}
