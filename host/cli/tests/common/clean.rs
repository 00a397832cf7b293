//! The program as it starts in an empty environment.

use std::process::Command;

/// `oslo-plugin` with nothing of the caller's environment that matters.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_oslo-plugin"));
    program
        .env_remove("OSLO_PLUGIN_CACHE")
        .env_remove("OSLO_PLUGIN_CONFIG_DIR")
        .env_remove("OSLO_PLUGIN_CONFIG_FILE")
        .env_remove("OSLO_PLUGIN_TRANSPORT_URL")
        .env_remove("OSLO_PLUGIN_LOG");
    for (name, _) in std::env::vars_os() {
        // Those of OpenTelemetry.
        if name.to_string_lossy().starts_with("OTEL_") {
            program.env_remove(name);
        }
    }
    program
}
