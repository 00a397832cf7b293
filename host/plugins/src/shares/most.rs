//! How many instances a plugin may have, and whether a host has as many.

use oslo_messaging_policy::{Instances, Plugin, Policy, Trigger};

/// As many instances as a plugin's triggers can use, and no more than its policy says.
pub(super) fn most(policy: &Plugin) -> usize {
    let of_trigger = |trigger: &Trigger| match (trigger, policy.instances()) {
        (Trigger::Timer { overlap: false, .. }, _) => 1,
        (Trigger::Timer { .. }, _) | (_, Instances::Fresh) => AT_ONCE,
        (_, Instances::Pooled { concurrency, .. }) => wide(concurrency.get()),
    };
    let triggers = policy.triggers().iter().map(of_trigger);
    let all = triggers.fold(0, usize::saturating_add);
    all.clamp(1, wide(policy.limits().instances.get()))
}

/// How many instances the plugins of a policy may have together, where a host has not so many: then a plugin may be
/// refused what its own limit allows, but for the one instance that is nobody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overbooked {
    /// How many the host has.
    pub instances: u32,
    /// How many the plugins may have, by their triggers and their limits.
    pub shares: usize,
}

impl Overbooked {
    /// Whether it is so of a policy and a host with this many instances
    /// ([`PluginHostBuilder::instances`](crate::PluginHostBuilder::instances)).
    #[must_use]
    pub fn of(policy: &Policy, instances: u32) -> Option<Self> {
        let shares = policy.plugins().map(most).fold(0, usize::saturating_add);
        (shares > wide(instances)).then_some(Self { instances, shares })
    }
}

impl std::fmt::Display for Overbooked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { instances, shares } = self;
        write!(
            f,
            "plugins may have {shares} instances at the same time, and the host has room for {instances}"
        )
    }
}

fn wide(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Fresh instances of one trigger: upstream's thread pool.
pub(crate) const AT_ONCE: usize = 64;

#[cfg(test)]
mod tests {
    use super::super::tests::plugin;
    use super::*;

    #[test]
    fn a_share_is_what_triggers_can_use_and_the_limit_allows() {
        let check =
            |more: &str, expected: usize| assert_eq!(most(&plugin(more)), expected, "{more}");
        check("", 64);
        check("[limits]\ninstances = 8\n", 8);
        check("[plugins.a.limits]\ninstances = 100\n", 64);
        check(
            "[[plugins.a.on]]\nevery = \"1s\"\n[limits]\ninstances = 100\n",
            65,
        );
        let overlapping = "[[plugins.a.on]]\nevery = \"1s\"\noverlap = true\n";
        check(&format!("{overlapping}[limits]\ninstances = 200\n"), 128);
        let pooled = "[plugins.a.instances]\nreuse = \"pooled\"\nconcurrency = 3\n";
        check(pooled, 3);
        check(&format!("{pooled}[[plugins.a.on]]\nevery = \"1s\"\n"), 4);
    }
}
