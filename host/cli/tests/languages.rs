//! Plugins in every language: fresh ones, their tours, what their authors might stumble over, and a Python file
//! that is both a service and a plugin.

#[path = "languages/answers.rs"]
mod answers;
#[path = "languages/archives.rs"]
mod archives;
#[path = "languages/archives_build.rs"]
mod archives_build;
#[path = "languages/archives_c.rs"]
mod archives_c;
#[path = "languages/archives_go.rs"]
mod archives_go;
#[path = "languages/fresh.rs"]
mod fresh;
#[path = "languages/inspected.rs"]
mod inspected;
#[path = "../../../tests/tests/common/linked.rs"]
mod linked;
#[path = "languages/ported.rs"]
mod ported;
#[path = "languages/run.rs"]
mod run;
#[path = "../../../tests/tests/common/state.rs"]
mod state;
#[path = "languages/tours.rs"]
mod tours;
#[path = "languages/traps_c.rs"]
mod traps_c;
#[path = "languages/traps_go.rs"]
mod traps_go;
#[path = "languages/traps_javascript.rs"]
mod traps_javascript;
#[path = "languages/traps_python.rs"]
mod traps_python;
#[path = "languages/traps_rust.rs"]
mod traps_rust;
#[path = "languages/worlds_c.rs"]
mod worlds_c;
#[path = "languages/worlds_python.rs"]
mod worlds_python;
