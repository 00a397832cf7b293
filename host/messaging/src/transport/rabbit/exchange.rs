//! Exchanges (dossier §4.1).

use lapin::ExchangeKind;
use lapin::options::ExchangeDeclareOptions;
use lapin::types::FieldTable;

use super::connect::{Line, short};
use super::declare::{Failure, adopt};
use super::options::RabbitOptions;
use crate::error::TransportError;

/// An exchange to be there.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    name: String,
    kind: ExchangeKind,
    durable: bool,
    auto_delete: bool,
}

impl Exchange {
    pub(super) fn topic(name: &str, options: &RabbitOptions) -> Self {
        Self {
            name: name.to_owned(),
            kind: ExchangeKind::Topic,
            durable: options.amqp_durable_queues || options.rabbit_quorum_queue,
            auto_delete: options.amqp_auto_delete,
        }
    }

    pub(super) fn fanout(topic: &str, options: &RabbitOptions) -> Self {
        Self {
            name: format!("{topic}_fanout"),
            kind: ExchangeKind::Fanout,
            durable: options.rabbit_transient_quorum_queue || options.rabbit_stream_fanout,
            auto_delete: true,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Declares it, or adopts it as it is: one that exists with other properties, and one that we
    /// may use but not configure.
    pub(super) async fn declare(&self, line: &Line) -> Result<(), TransportError> {
        let what = format!("exchange `{}`", self.name);
        let options = ExchangeDeclareOptions {
            durable: self.durable,
            auto_delete: self.auto_delete,
            ..ExchangeDeclareOptions::default()
        };
        let declare = async |options| {
            let channel = line.channel().await?;
            let name = short(&self.name).map_err(Failure::Ours)?;
            channel
                .exchange_declare(name, self.kind.clone(), options, FieldTable::default())
                .await?;
            // The close is not awaited: it is the broker's turn.
            Ok(())
        };
        adopt(line, &what, declare(options).await, async || {
            declare(ExchangeDeclareOptions {
                passive: true,
                ..options
            })
            .await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&'static str, &'static str)]) -> RabbitOptions {
        RabbitOptions::from_pairs(pairs.iter().copied()).unwrap()
    }

    #[test]
    fn exchanges_follow_the_options() {
        let check = |pairs: &[_], topic: (bool, bool), fanout: (bool, bool)| {
            let options = options(pairs);
            let flags = |exchange: Exchange| (exchange.durable, exchange.auto_delete);
            assert_eq!(flags(Exchange::topic("e", &options)), topic, "{pairs:?}");
            assert_eq!(flags(Exchange::fanout("t", &options)), fanout, "{pairs:?}");
        };
        check(&[], (false, false), (false, true));
        check(
            &[("amqp_durable_queues", "1")],
            (true, false),
            (false, true),
        );
        check(&[("amqp_auto_delete", "1")], (false, true), (false, true));
        check(
            &[("rabbit_quorum_queue", "1")],
            (true, false),
            (false, true),
        );
        check(
            &[("rabbit_transient_quorum_queue", "1")],
            (false, false),
            (true, true),
        );
        assert_eq!(Exchange::fanout("t", &options(&[])).name(), "t_fanout");
    }
}
