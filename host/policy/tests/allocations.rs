//! Deciding allocates nothing. A program of its own, because it counts what the whole process does.

use std::alloc::System;
use std::hint::black_box;
use std::time::Instant;

use oslo_messaging_policy::{Decision, Kind, Policy, Priority, Rates, Request};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn deciding_allocates_nothing() {
    let policy = Policy::parse("plugins.toml", include_str!("../examples/plugins.toml")).unwrap();
    let requests = [
        Request::new(Kind::Call, "compute", "get_free").version("6.1"),
        Request::new(Kind::Call, "compute", "reboot")
            .server("host-1")
            .version("6.1"),
        Request::new(Kind::Call, "compute.host-1.example.org", "reboot"),
        Request::new(Kind::Cast, "compute", "refresh").fanout(true),
        Request::new(Kind::Cast, "compute", "refresh").exchange("compute_fanout"),
        Request::new(Kind::Call, "cinder-volume", "list_all")
            .transport("volumes", "cinder")
            .namespace("backup"),
        Request::new(Kind::Call, "a.topic.that.nobody.serves", "x"),
        Request::notification("notifications", Priority::Info, "rebalance.end"),
        Request::notification("notifications", Priority::Debug, "rebalance.end"),
    ];
    let plugins: Vec<_> = policy.plugins().collect();
    let rates: Vec<_> = plugins
        .iter()
        .map(|plugin| Rates::new(plugin.limits().rate, plugin.rules()))
        .collect();
    let now = Instant::now();

    let region = Region::new(ALLOCATOR);
    let mut allowed = 0;
    let mut denied = 0;
    for (plugin, rates) in plugins.iter().zip(&rates) {
        for request in &requests {
            match black_box(plugin.rules().decide(request)) {
                Decision::Allow(allow) => {
                    allowed += 1;
                    assert!(rates.take(&allow, now).is_ok());
                    black_box((allow.rule().name(), allow.timeout(), allow.rate()));
                }
                Decision::Deny(deny) => {
                    denied += 1;
                    black_box((deny.reason(), deny.nearest()));
                }
            }
        }
    }
    let change = region.change();
    assert_eq!((allowed, denied), (6, 12));
    let all = (
        change.allocations,
        change.reallocations,
        change.deallocations,
    );
    assert_eq!(all, (0, 0, 0), "{change:?}");

    // The count would see an allocation.
    let region = Region::new(ALLOCATOR);
    drop(black_box(requests[1].to_string()));
    assert!(region.change().allocations > 0);
}
