//! The surfaces: the native client, and the conformance plugin of every language.

/// What a behaviour is tried through.
#[derive(Clone, Copy)]
pub(crate) struct Surface {
    pub(crate) name: &'static str,
    /// The plugin; none: the native client.
    pub(crate) guest: Option<Guest>,
}

/// A conformance plugin.
#[derive(Clone, Copy)]
pub(crate) struct Guest {
    /// Its component, without the extension.
    pub(crate) component: &'static str,
    pub(crate) world: World,
}

/// The world that it is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum World {
    Conformance,
    ConformanceAsync,
    ConformancePoll,
}

pub(crate) const NATIVE: &Surface = &Surface {
    name: "native",
    guest: None,
};

pub(crate) static SURFACES: &[Surface] = &[
    *NATIVE,
    plain("rust", "conformance"),
    poll("rust-poll", "conformance-poll"),
    asynchronous("rust-async", "conformance-async"),
    plain("python", "conformance-python"),
    asynchronous("python-async", "conformance-python-async"),
    poll("javascript", "conformance-javascript"),
    plain("javascript-sync", "conformance-javascript-sync"),
    poll("go", "conformance-go"),
    plain("c", "conformance-c"),
    poll("c-poll", "conformance-c-poll"),
    asynchronous("c-async", "conformance-c-async"),
];

const fn plain(name: &'static str, component: &'static str) -> Surface {
    let world = World::Conformance;
    let guest = Some(Guest { component, world });
    Surface { name, guest }
}

const fn asynchronous(name: &'static str, component: &'static str) -> Surface {
    let world = World::ConformanceAsync;
    let guest = Some(Guest { component, world });
    Surface { name, guest }
}

const fn poll(name: &'static str, component: &'static str) -> Surface {
    let world = World::ConformancePoll;
    let guest = Some(Guest { component, world });
    Surface { name, guest }
}
