use oslo_messaging_plugins::{Command, exports, imports};
use serde_json::json;

use super::plugin;
use super::store;
use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::{cache, print};

pub(crate) fn inspect(args: &InspectArgs, as_json: bool) -> Result<u8, Failure> {
    let engine = plugin::engine(cache::open_if_there(&args.cache)?)?;
    let component = plugin::load(&engine, &args.plugin)?;
    let missing = store::missing_imports(&engine, &component)?;
    let imports = imports(&component);
    let exports = exports(&component);
    let serves = plugin::serves(&component);
    let entry = Command::of(&component).map(|entry| match entry {
        Command::Plain => "wasi:cli/run@0.2",
        Command::Asynchronous => "wasi:cli/run@0.3",
    });
    if as_json {
        print::line(json!({
            "imports": imports, "missing": missing, "exports": exports, "entry": entry,
            "serves": serves,
        }));
        return Ok(0);
    }
    print::line("imports");
    for name in &imports {
        let lacking = match missing.contains(name) {
            true if name.starts_with("wasi:http/") => "  (`oslo-plugin host` alone has it)",
            true => "  (this host lacks it)",
            false => "",
        };
        print::line(format_args!("  {name}{lacking}"));
    }
    print::line("exports");
    for name in &exports {
        print::line(format_args!("  {name}"));
    }
    if serves {
        print::line("`oslo-plugin serve` serves its methods");
    }
    if exports
        .iter()
        .any(|name| name.starts_with("wasi:http/incoming-handler@0.2"))
    {
        print::line("a trigger by `http` of `oslo-plugin host` starts it");
    }
    print::line(match entry {
        Some(entry) => format!("`oslo-plugin run` starts {entry}"),
        None => "`oslo-plugin run` cannot start it: it exports no wasi:cli/run".to_owned(),
    });
    Ok(0)
}
