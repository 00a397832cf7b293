//! Exchanges.

use oslo_amqp::driver::Channel;
use oslo_amqp::protocol::{Ended, Method, Never, RawTable, Refusal, Reserved, Short};

use super::{adopt, short};
use crate::config::RabbitOptions;
use crate::driver::rabbit::connect::Line;
use crate::driver::rabbit::errors::{NOT_FOUND, told};
use crate::driver::{TransportError, TransportErrorKind};

/// An exchange.
#[derive(Clone, Debug)]
pub(in crate::driver::rabbit) struct Exchange {
    name: String,
    kind: &'static str,
    durable: bool,
    auto_delete: bool,
}

impl Exchange {
    pub(in crate::driver::rabbit) fn topic(name: &str, options: &RabbitOptions) -> Self {
        Self {
            name: name.to_owned(),
            kind: "topic",
            durable: options.amqp_durable_queues || options.rabbit_quorum_queue,
            auto_delete: options.amqp_auto_delete,
        }
    }

    pub(in crate::driver::rabbit) fn fanout(topic: &str, options: &RabbitOptions) -> Self {
        Self {
            name: format!("{topic}_fanout"),
            kind: "fanout",
            durable: options.rabbit_transient_quorum_queue || options.rabbit_stream_fanout,
            auto_delete: true,
        }
    }

    pub(in crate::driver::rabbit) fn name(&self) -> &str {
        &self.name
    }

    pub(in crate::driver::rabbit) const fn kind(&self) -> &'static str {
        self.kind
    }

    /// Declares it for a server, or adopts it as it is: one that exists with other properties, and
    /// one that we may use but not configure. One of another type is not what it was declared for.
    pub(in crate::driver::rabbit) async fn declare(
        &self,
        line: &Line,
    ) -> Result<(), TransportError> {
        let what = format!("exchange `{}`", self.name);
        let declared = self.ask(line, false).await?;
        if let Err(Ended::Channel(refusal)) = &declared
            && is_of_type(&refusal.text)
        {
            return Err(self.other_type(line, refusal));
        }
        adopt(line, &what, declared, async || self.ask(line, true).await).await
    }

    async fn ask(&self, line: &Line, passive: bool) -> Result<Result<(), Ended>, TransportError> {
        let channel = line.channel().await?;
        let declare = self.method(passive)?;
        let declared = channel.ask(&declare).await.map(drop);
        channel.close();
        Ok(declared)
    }

    fn method(&self, passive: bool) -> Result<Method<'_>, TransportError> {
        Ok(Method::ExchangeDeclare {
            reserved: Reserved,
            exchange: short(&self.name)?,
            kind: Short::new(self.kind).unwrap_or_default(),
            passive,
            durable: self.durable,
            auto_delete: self.auto_delete,
            internal: false,
            no_wait: Never,
            arguments: RawTable::default(),
        })
    }

    /// Looks for it, for a client, which creates none.
    ///
    /// A passive declaration tells whether it exists, and nothing of its type. When it does, the
    /// declaration of a server after it creates nothing, and is refused if the type is another one.
    /// Returns a channel that can be used, or none if there is no such exchange.
    pub(in crate::driver::rabbit) async fn find(
        &self,
        line: &Line,
    ) -> Result<Option<Channel>, TransportError> {
        let channel = line.channel().await?;
        let passive = self.method(true)?;
        let declare = self.method(false)?;
        // Both at once: what comes on a channel that a refusal has closed is not looked at.
        let answers = futures_util::future::join(channel.ask(&passive), channel.ask(&declare));
        let (exists, of_type) = answers.await;
        match exists {
            Ok(_) => {}
            Err(Ended::Channel(refusal)) if refusal.code == NOT_FOUND => return Ok(None),
            Err(ended) => return Err(line.refused(&format!("exchange `{}`", self.name), &ended)),
        }
        match of_type {
            Err(Ended::Channel(refusal)) if is_of_type(&refusal.text) => {
                Err(self.other_type(line, &refusal))
            }
            Err(Ended::Connection(why)) => {
                let ended = Ended::Connection(why);
                Err(line.refused(&format!("exchange `{}`", self.name), &ended))
            }
            // It is used as it is.
            Err(_) => Ok(Some(line.channel().await?)),
            Ok(_) => Ok(Some(channel)),
        }
    }

    fn other_type(&self, line: &Line, refusal: &Refusal) -> TransportError {
        let message = format!(
            "{}: exchange `{}` is not of type {} and is not used: {}",
            line.peer, self.name, self.kind, refusal.text
        );
        let error = TransportError::new(TransportErrorKind::OperationRefused, message);
        told(error, refusal)
    }
}

fn is_of_type(text: &str) -> bool {
    text.contains("inequivalent arg 'type'")
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
