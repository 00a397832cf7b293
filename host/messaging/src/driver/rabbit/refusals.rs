//! What brokers say when they say no, what that means, and what to do about it: one list, which
//! `docs/refusals.md` shows to operators.

use oslo_amqp::protocol::Refusal;

use crate::driver::TransportErrorKind;

/// One thing that a broker says.
#[derive(Debug)]
pub(super) struct Meaning {
    code: u16,
    /// About what; nothing is about anything.
    methods: Methods,
    /// What its text has in it, in this order.
    says: &'static [&'static str],
    pub(super) kind: TransportErrorKind,
    /// What to change, and where.
    pub(super) remedy: &'static str,
}

/// Classes and methods, and what they do.
type Methods = (&'static str, &'static [(u16, u16)]);

/// What a refusal means: the first that fits, because versions of RabbitMQ differ in what they add.
pub(super) fn meaning(refusal: &Refusal) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.fits(refusal))
}

impl Meaning {
    fn fits(&self, refusal: &Refusal) -> bool {
        let (_, methods) = self.methods;
        let mut text = refusal.text.as_str();
        self.code == refusal.code
            && (methods.is_empty() || methods.contains(&refusal.method))
            && self.says.iter().all(|part| {
                let found = text.split_once(part);
                found.map(|(_, rest)| text = rest).is_some()
            })
    }
}

const ANYTHING: Methods = ("", &[]);
const BIND: Methods = ("binding", &[(50, 20)]);
const CONSUME: Methods = ("consuming", &[(60, 20)]);
/// Deleting as well.
const DECLARE: Methods = ("declaring", &[(40, 10), (40, 20), (50, 10), (50, 40)]);
const PUBLISH: Methods = ("publishing", &[(60, 40)]);

const CONFIGURE: &str = "let the user `configure` it: `rabbitmqctl set_permissions`";
const READ: &str = "let the user `read` it: `rabbitmqctl set_permissions`";
const WRITE: &str = "let the user `write` to it: `rabbitmqctl set_permissions`";
const DURABLE: &str = "this broker takes durable queues only: set `amqp_durable_queues=true` or \
                       `rabbit_quorum_queue=true` on servers and clients";
const NODE_DOWN: &str = "start the node that has the queue, or delete the queue: `rabbitmqctl \
                         delete_queue`; with `rabbit_quorum_queue=true` queues outlive a node";
const TELL_US: &str = "this is a mistake of one of the two programs: please report it";

macro_rules! meanings {
    ($($code:literal $methods:ident [$($says:literal)*] $kind:ident $remedy:expr;)*) => {
        /// What a broker may say, the more telling before the less.
        static MEANINGS: &[Meaning] = &[$(Meaning {
            code: $code,
            methods: $methods,
            says: &[$($says),*],
            kind: TransportErrorKind::$kind,
            remedy: $remedy,
        }),*];
    };
}

meanings! {
    // While a connection is opened.
    403 ANYTHING ["Login was refused"] LoginRefused
        "check user, password and `rabbit_login_method`; `guest` gets in from the broker's \
         own machine only; the broker's log says more";
    530 ANYTHING ["user connection limit" "is reached"] LimitReached
        "raise the user's `max-connections`: `rabbitmqctl set_user_limits`";
    530 ANYTHING ["node connection limit" "is reached"] LimitReached
        "raise `connection_max` in the broker's rabbitmq.conf";
    530 ANYTHING ["connection limit" "is reached"] LimitReached
        "raise the virtual host's `max-connections`: `rabbitmqctl set_vhost_limits`";
    530 ANYTHING ["vhost" "not found"] UnknownVirtualHost
        "create it with `rabbitmqctl add_vhost`, or correct the end of `transport_url`";
    530 ANYTHING ["access to vhost" "refused"] UnknownVirtualHost
        "let the user in with `rabbitmqctl set_permissions -p`, or correct the end of \
         `transport_url`";
    541 ANYTHING ["vhost" "is down"] HandshakeFailed
        "start the virtual host again: `rabbitmqctl restart_vhost`; the broker's log says why \
         it stopped";
    // About channels.
    530 ANYTHING ["number of channels opened for user" "has reached"] LimitReached
        "raise the user's `max-channels`: `rabbitmqctl set_user_limits`";
    530 ANYTHING ["number of channels opened on node" "has reached"] LimitReached
        "raise `channel_max_per_node` in the broker's rabbitmq.conf";
    530 ANYTHING ["number of channels opened" "has reached"] LimitReached
        "raise `channel_max` in the broker's rabbitmq.conf";
    // About permissions.
    403 ANYTHING ["contains reserved prefix"] OperationRefused
        "names that begin with `amq.` are the broker's: choose another topic, server or \
         `control_exchange`";
    403 ANYTHING ["access to topic"] OperationRefused
        "let the user use this routing key: `rabbitmqctl set_topic_permissions`, or \
         `clear_topic_permissions`";
    403 CONSUME ["in exclusive use"] OperationRefused
        "another program consumes the queue alone: stop it, or choose another topic or server";
    403 PUBLISH ["cannot publish to internal exchange"] OperationRefused
        "an internal exchange takes nothing from clients: choose another `control_exchange`";
    403 ANYTHING ["configure access to"] OperationRefused CONFIGURE;
    403 ANYTHING ["write access to"] OperationRefused WRITE;
    403 ANYTHING ["read access to"] OperationRefused READ;
    // RabbitMQ 3 does not say which.
    403 DECLARE [] OperationRefused CONFIGURE;
    403 BIND ["access to queue"] OperationRefused WRITE;
    403 BIND ["access to exchange"] OperationRefused READ;
    403 PUBLISH [] OperationRefused WRITE;
    403 CONSUME [] OperationRefused READ;
    // About what is not there.
    404 ANYTHING ["home node" "is down"] OperationRefused NODE_DOWN;
    404 ANYTHING ["process is stopped"] OperationRefused NODE_DOWN;
    404 ANYTHING ["has crashed"] OperationRefused NODE_DOWN;
    404 ANYTHING ["failed to perform operation"] OperationRefused NODE_DOWN;
    404 ANYTHING ["no exchange"] OperationRefused
        "it was deleted meanwhile: start its server again";
    404 ANYTHING ["no queue"] OperationRefused
        "it was deleted meanwhile: a policy or somebody else deletes queues here";
    // About what is somebody else's.
    405 ANYTHING ["exclusive access to locked queue"] OperationRefused
        "another connection has declared the queue for itself: end it, or choose another \
         topic or server";
    // About what exists with other properties.
    406 ANYTHING ["inequivalent arg 'type' for exchange"] OperationRefused
        "delete the exchange, or choose another `control_exchange` or topic";
    406 ANYTHING ["inequivalent arg 'durable'"] OperationRefused
        "`amqp_durable_queues`, `rabbit_quorum_queue` and `rabbit_transient_quorum_queue` \
         have to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'auto_delete'"] OperationRefused
        "`amqp_auto_delete` has to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'x-queue-type'"] OperationRefused
        "`rabbit_quorum_queue`, `rabbit_transient_quorum_queue` and `rabbit_stream_fanout` \
         have to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'x-expires'"] OperationRefused
        "`rabbit_transient_queues_ttl` has to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'x-max-age'"] OperationRefused
        "`rabbit_transient_queues_ttl` has to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'x-delivery-limit'"] OperationRefused
        "`rabbit_quorum_delivery_limit` has to be the same for all of a fleet";
    406 ANYTHING ["inequivalent arg 'x-max-in-memory-"] OperationRefused
        "`rabbit_quorum_max_memory_length` and `rabbit_quorum_max_memory_bytes` have to be \
         the same for all of a fleet";
    406 ANYTHING ["inequivalent arg"] OperationRefused
        "somebody has declared it with arguments that oslo.messaging does not have: delete \
         it, and use a policy instead";
    // About what cannot be.
    406 ANYTHING ["invalid arg 'x-"] OperationRefused
        "this version of RabbitMQ does not take this value of the option: see `rabbit_quorum_*` \
         and `rabbit_transient_queues_ttl`";
    406 ANYTHING ["invalid property 'auto-delete'"] OperationRefused
        "quorum queues are not deleted by themselves: unset `amqp_auto_delete` beside \
         `rabbit_quorum_queue`";
    406 CONSUME ["prefetch"] OperationRefused
        "a stream wants `rabbit_qos_prefetch_count` above 0";
    406 ANYTHING ["queue limit in vhost" "is reached"] LimitReached
        "raise the virtual host's `max-queues`: `rabbitmqctl set_vhost_limits`";
    406 ANYTHING ["queue limit in cluster" "is reached"] LimitReached
        "raise `cluster_queue_limit` in the broker's rabbitmq.conf";
    406 ANYTHING ["exchange limit of" "is reached"] LimitReached
        "raise `cluster_exchange_limit` in the broker's rabbitmq.conf";
    406 PUBLISH ["message size" "is larger than"] OperationRefused
        "raise `max_message_size` in the broker's rabbitmq.conf, or lower that of the \
         transport's options so that nobody else's messages are lost with it";
    406 ANYTHING ["delivery acknowledgement on channel" "timed out"] OperationRefused
        "the server is busy for longer than `consumer_timeout` in the broker's rabbitmq.conf: \
         start more servers, or raise it";
    // About brokers that cannot.
    541 ANYTHING ["transient_nonexcl_queues"] OperationRefused DURABLE;
    541 ANYTHING ["feature flag is disabled"] OperationRefused
        "enable the type of queue with `rabbitmqctl enable_feature_flag`, or unset \
         `rabbit_quorum_queue`, `rabbit_transient_quorum_queue` and `rabbit_stream_fanout`";
    541 DECLARE [] OperationRefused
        "a broker that takes durable queues only answers so, which `amqp_durable_queues=true` \
         or `rabbit_quorum_queue=true` are for, and a cluster without a majority of its \
         nodes; the broker's log says more";
    541 ANYTHING [] OperationRefused
        "the broker's log says more";
    540 ANYTHING [] OperationRefused
        "this version of RabbitMQ cannot do it";
    506 ANYTHING [] OperationRefused
        "the broker lacks what it needs for it, a stream perhaps; its log says more";
    320 ANYTHING [] ConnectionLost
        "an operator or the broker's own end closed it; another host of `transport_url` is \
         tried, or the same again";
    501 ANYTHING [] OperationRefused TELL_US;
    502 ANYTHING [] OperationRefused TELL_US;
    503 ANYTHING [] OperationRefused TELL_US;
    504 ANYTHING [] OperationRefused TELL_US;
    505 ANYTHING [] OperationRefused TELL_US;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Operators look it up there: every row is here, and every one of these is there.
    #[test]
    fn the_documented_list_is_this_list() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/refusals.md");
        let text = std::fs::read_to_string(path).unwrap();
        let is_row = |line: &&str| {
            let code = line.strip_prefix("| ");
            code.is_some_and(|code| code.starts_with(|first: char| first.is_ascii_digit()))
        };
        // All but the last column, the tests.
        let described = |line: &str| line.rsplitn(3, '|').last().unwrap().trim_end().to_owned();
        let documented: Vec<_> = text.lines().filter(is_row).map(described).collect();
        let listed: Vec<_> = MEANINGS.iter().map(row).collect();
        for row in &listed {
            assert!(documented.contains(row), "not in {path}:\n{row} |  |");
        }
        for row in &documented {
            assert!(listed.contains(row), "{path} has what is not true:\n{row}");
        }
        assert_eq!(documented.len(), listed.len());
    }

    fn row(meaning: &Meaning) -> String {
        let says: Vec<_> = meaning
            .says
            .iter()
            .map(|part| format!("`{part}`"))
            .collect();
        format!(
            "| {} | {} | {} | `{:?}` | {}",
            meaning.code,
            meaning.methods.0,
            says.join(" … "),
            meaning.kind,
            meaning.remedy
        )
    }

    #[test]
    fn the_more_telling_comes_first() {
        for (position, meaning) in MEANINGS.iter().enumerate() {
            let refusal = Refusal {
                code: meaning.code,
                text: meaning.says.join(" and "),
                method: meaning.methods.1.first().copied().unwrap_or_default(),
            };
            let found = super::meaning(&refusal).unwrap();
            assert!(
                std::ptr::eq(found, &MEANINGS[position]),
                "{meaning:?} is {found:?}"
            );
        }
    }
}
