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
}

pub(crate) static SURFACES: [Surface; 4] = [
    Surface {
        name: "native",
        guest: None,
    },
    plain("rust", "conformance"),
    asynchronous("rust-async", "conformance-async"),
    plain("go", "conformance-go"),
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

impl Surface {
    /// Whether calls at once are `call-all`, not calls that are awaited together.
    pub(crate) fn has_call_all(&self) -> bool {
        matches!(self.guest, Some(guest) if guest.world == World::Conformance)
    }
}
