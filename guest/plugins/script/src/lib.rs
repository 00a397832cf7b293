//! What both conformance plugins share: reading a script, and printing what came of it. The form of
//! both is described at the worlds in `tests/wit`.

mod outcome;
mod settings;
mod step;

pub use crate::outcome::{Outcome, print, refuse};
pub use crate::step::{Kind, Message, Open, Script, Step, TargetFields};

/// The interface `types`, which both surfaces' bindings use instead of making their own.
pub mod types {
    pub use crate::bindings::oslo::messaging::types::*;
}

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package oslo:messaging-script;

            world script {
                import oslo:messaging/types@0.1.0;
            }
        ",
        path: "../../../wit",
        generate_all,
        additional_derives: [PartialEq],
    });
}
