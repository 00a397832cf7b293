//! What can go wrong between a client and a broker.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use fastrand::Rng;
use oslo_messaging_tests::broker::Broker;
use tokio::time::sleep;

use crate::proxy::{Ending, Flow, Proxy};

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Fault {
    /// A memory alarm: the broker blocks everybody who publishes, servers too.
    Alarm,
    /// All connections through one host end, by a reset or in good order.
    Cut,
    /// One connection ends.
    CutOne,
    /// Bytes take longer.
    Delay,
    /// A reply queue is deleted.
    DeleteReplyQueue,
    /// The broker crashes and starts again.
    Kill,
    /// A confirmation is lost; sometimes the connection ends soon after.
    LoseConfirm,
    /// A reply is lost on its way to the client.
    LoseReply,
    /// The broker does nothing for a while, and keeps its connections.
    PauseBroker,
    /// One host takes no connections, and ends those that there are.
    Refuse,
    /// The broker stops and starts again.
    Restart,
    /// Nothing gets through for a while, one way or both.
    Stall,
    /// A connection ends within a frame.
    Truncate,
}

impl Fault {
    /// Those that cost the broker nothing.
    pub const QUICK: &'static [Self] = &[
        Self::Cut,
        Self::CutOne,
        Self::Delay,
        Self::LoseConfirm,
        Self::LoseReply,
        Self::Refuse,
        Self::Stall,
        Self::Truncate,
    ];

    /// Those of the broker itself, which take seconds.
    pub const OF_THE_BROKER: &'static [Self] = &[
        Self::Alarm,
        Self::DeleteReplyQueue,
        Self::Kill,
        Self::PauseBroker,
        Self::Restart,
    ];

    /// Brings it about and returns when it is over, apart from its consequences.
    ///
    /// # Errors
    ///
    /// Fails when the broker cannot be controlled.
    pub async fn inject(
        self,
        proxy: &Proxy,
        broker: &Arc<Broker>,
        virtual_host: &str,
        random: &mut Rng,
    ) -> Result<()> {
        let ending = match random.bool() {
            true => Ending::Finish,
            false => Ending::Reset,
        };
        match self {
            Self::Alarm => {
                control(broker, &["set_vm_memory_high_watermark", "0.00001"]).await?;
                sleep(millis(random, 100..1000)).await;
                control(broker, &["set_vm_memory_high_watermark", "0.4"]).await?;
            }
            Self::Cut => proxy.cut(ending),
            Self::CutOne => proxy.cut_one(ending, random.u64(..)),
            Self::Delay => {
                let flow = Flow {
                    delay: millis(random, 1..30),
                    ..Flow::default()
                };
                hold(proxy, flow, millis(random, 50..300)).await;
            }
            Self::DeleteReplyQueue => {
                let queues = reply_queues(broker, virtual_host).await?;
                if let Some(queue) = random.choice(&queues) {
                    // It may be gone by now.
                    let _ = control(broker, &["delete_queue", queue, "-p", virtual_host]).await;
                }
            }
            Self::Kill => {
                on_thread(broker, Broker::kill).await?;
                sleep(millis(random, 0..500)).await;
                on_thread(broker, Broker::start_again).await?;
            }
            Self::LoseConfirm => {
                proxy.lose_confirms(1);
                sleep(millis(random, 5..30)).await;
                if random.bool() {
                    proxy.cut(ending);
                }
                proxy.lose_confirms(0);
            }
            Self::LoseReply => proxy.lose_deliveries(1),
            Self::PauseBroker => {
                broker.pause()?;
                sleep(millis(random, 100..3000)).await;
                broker.resume()?;
            }
            Self::Refuse => {
                proxy.refuse(true);
                proxy.cut(ending);
                sleep(millis(random, 50..500)).await;
                proxy.refuse(false);
            }
            Self::Restart => {
                control(broker, &["stop_app"]).await?;
                control(broker, &["start_app"]).await?;
            }
            Self::Stall => {
                let direction = random.u8(..3);
                let flow = Flow {
                    delay: Duration::ZERO,
                    stall_to_broker: direction != 0,
                    stall_to_client: direction != 1,
                };
                hold(proxy, flow, millis(random, 20..600)).await;
            }
            Self::Truncate => match random.bool() {
                true => proxy.truncate_to_broker(),
                false => proxy.truncate_to_client(),
            },
        }
        Ok(())
    }
}

/// A time of so many milliseconds.
pub(crate) fn millis(random: &mut Rng, range: Range<u64>) -> Duration {
    Duration::from_millis(random.u64(range))
}

async fn hold(proxy: &Proxy, flow: Flow, time: Duration) {
    proxy.set_flow(flow);
    sleep(time).await;
    proxy.set_flow(Flow::default());
}

/// Runs `rabbitmqctl`, which takes a second of somebody's processor.
///
/// # Errors
///
/// As [`Broker::control`].
pub async fn control(broker: &Arc<Broker>, arguments: &[&str]) -> Result<String> {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    on_thread(broker, move |broker| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        broker.control(&arguments)
    })
    .await
}

/// Does to the broker what would hold up the runtime.
///
/// # Errors
///
/// Fails when `what` does.
pub async fn on_thread<T: Send + 'static>(
    broker: &Arc<Broker>,
    what: impl FnOnce(&Broker) -> Result<T> + Send + 'static,
) -> Result<T> {
    let broker = Arc::clone(broker);
    tokio::task::spawn_blocking(move || what(&broker)).await?
}

/// The reply queues that the broker has.
///
/// # Errors
///
/// As [`control`].
pub async fn reply_queues(broker: &Arc<Broker>, virtual_host: &str) -> Result<Vec<String>> {
    let listed = control(
        broker,
        &[
            "list_queues",
            "-p",
            virtual_host,
            "--no-table-headers",
            "name",
        ],
    )
    .await?;
    let names = listed.lines().map(str::trim);
    let replies = names.filter(|name| name.starts_with("reply_"));
    Ok(replies.map(ToOwned::to_owned).collect())
}

/// How many connections of this crate's transport the broker has.
///
/// # Errors
///
/// As [`control`].
pub async fn our_connections(broker: &Arc<Broker>, virtual_host: &str) -> Result<usize> {
    let columns = [
        "list_connections",
        "--no-table-headers",
        "vhost",
        "client_properties",
    ];
    let listed = control(broker, &columns).await?;
    let ours = |line: &&str| {
        let vhost = line.split('\t').next().unwrap_or_default();
        vhost == virtual_host && line.contains("oslo-messaging (Rust)")
    };
    Ok(listed.lines().filter(ours).count())
}

/// How many messages wait in a queue, or are delivered and not acknowledged; nothing when the
/// broker does not tell, as of a queue that is not up again.
///
/// # Errors
///
/// As [`control`].
pub async fn waiting_messages(
    broker: &Arc<Broker>,
    virtual_host: &str,
    queue: &str,
) -> Result<Option<u64>> {
    let columns = [
        "list_queues",
        "-p",
        virtual_host,
        "--no-table-headers",
        "name",
        "messages",
    ];
    let listed = control(broker, &columns).await?;
    Ok(listed.lines().find_map(|line| {
        let (name, count) = line.split_once('\t')?;
        (name == queue).then(|| count.trim().parse().ok())?
    }))
}
