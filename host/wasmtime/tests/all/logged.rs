//! What is written into the log.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Metadata, Subscriber};

/// The log of this thread, of every level, until it is dropped.
pub(crate) struct Logged {
    text: Arc<Mutex<String>>,
    _guard: DefaultGuard,
}

impl Logged {
    pub(crate) fn start() -> Self {
        // With one subscriber alone, the thread that comes first by a line of the log decides for all threads
        // whether it is of interest.
        static ANOTHER: Once = Once::new();
        ANOTHER.call_once(|| {
            let _ = tracing::subscriber::set_global_default(Writing(None));
        });
        let text = Arc::<Mutex<String>>::default();
        let writing = Writing(Some(Arc::clone(&text)));
        Self {
            text,
            _guard: tracing::subscriber::set_default(writing),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }
}

/// Nowhere, if there is no text.
struct Writing(Option<Arc<Mutex<String>>>);

impl Subscriber for Writing {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some(text) = &self.0 else { return };
        let mut text = text.lock().unwrap();
        event.record(&mut Fields(&mut text));
        text.push('\n');
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}
