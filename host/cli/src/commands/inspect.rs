//! What a component is, what it needs and offers, and which commands can run it.

mod imports;
mod shown;

use oslo_messaging_build::BuiltWith;
use oslo_messaging_plugins::{
    Command, ComponentFile, HostLinker, Kept, exports, imports, triggers,
};
use serde_json::json;
use wasmtime::component::Component;

use self::imports::{Import, Offered};
use super::plugin;
use super::store;
use crate::args::{InspectArgs, Way};
use crate::failure::{Exit, Failure};
use crate::{cache, print};

/// Prints what it finds. The exit code says whether a command can run it: any, or the one that is asked for.
pub(crate) fn inspect(args: &InspectArgs, as_json: bool) -> Result<u8, Failure> {
    let file = ComponentFile::read(&args.plugin)?;
    let kept = cache::open_if_there(&args.cache, false)?;
    let host = HostLinker::new(&kept);
    let host = host.map_err(|error| Failure::new(Exit::Failed, error))?;
    let found = match file.compile(host.engine()) {
        Ok(component) => {
            let in_host = host.links(&component);
            let in_host = in_host.map_err(|error| No::linking(format!("{error:#}")));
            Found::of(&file, &component, in_host)?
        }
        // Others may compile what is too large for the daemon.
        Err(error) => {
            let component = file.compile(&plugin::engine(&kept)?)?;
            let no = No {
                exit: Exit::PluginsRefused,
                why: error.to_string(),
            };
            Found::of(&file, &component, Err(no))?
        }
    };
    kept.write();
    if as_json {
        print::line(found.json());
    } else {
        for line in found.lines() {
            print::line(line);
        }
    }
    Ok(found.code(args.way))
}

/// A component.
struct Found {
    sha256: String,
    bytes: usize,
    built_with: BuiltWith,
    imports: Vec<Import>,
    exports: Vec<String>,
    ways: [(Way, Verdict); 3],
}

/// What a command starts of it, or why it cannot.
type Verdict = Result<String, No>;

/// Why a command cannot run a component, and with what code it would end.
#[derive(Clone)]
struct No {
    exit: Exit,
    why: String,
}

impl No {
    /// A linker refuses it.
    const fn linking(why: String) -> Self {
        Self {
            exit: Exit::MissingImport,
            why,
        }
    }
}

impl Found {
    fn of(
        file: &ComponentFile,
        component: &Component,
        in_host: Result<(), No>,
    ) -> Result<Self, Failure> {
        // What asks for one import is never run, and nobody needs to keep it.
        let host = HostLinker::new(&Kept::default());
        let host = host.map_err(|error| Failure::new(Exit::Failed, error))?;
        let offered = Offered::new(&host)?;
        let imports = imports(component);
        let imports = imports.into_iter().map(|name| offered.look(name));
        let imports: Vec<_> = imports.collect();
        let linked = store::link(component.engine(), component).map(drop);
        let linked = linked.map_err(|failure| No::linking(failure.message));
        let need = |starts: Option<String>, lacks: &str| {
            starts.ok_or_else(|| No {
                exit: Exit::NothingToRun,
                why: lacks.to_owned(),
            })
        };
        let exports = exports(component);
        let starting = |start: &str| exports.iter().find(|name| name.starts_with(start)).cloned();
        let run = Command::of(component).and_then(|command| {
            starting(match command {
                Command::Asynchronous => "wasi:cli/run@0.3.",
                Command::Plain => "wasi:cli/run@0.2.",
            })
        });
        let serve = starting("oslo:messaging/rpc-endpoint");
        let triggers = triggers(component);
        let host = (!triggers.is_empty()).then(|| format!("by {}", triggers.join(", ")));
        let ways = [
            (
                Way::Run,
                need(run, "it exports neither wasi:cli/run@0.2 nor @0.3")
                    .and_then(|starts| linking(starts, &linked, &imports, |it| it.in_program)),
            ),
            (
                Way::Serve,
                need(serve, "it exports no oslo:messaging/rpc-endpoint")
                    .and_then(|starts| linking(starts, &linked, &imports, |it| it.in_program)),
            ),
            (
                Way::Host,
                need(host, "it exports nothing that a trigger starts")
                    .and_then(|starts| linking(starts, &in_host, &imports, |it| it.in_host)),
            ),
        ];
        Ok(Self {
            sha256: file.sha256().to_string(),
            bytes: file.bytes().len(),
            // Wasmtime has read it, and knows no less of WebAssembly.
            built_with: BuiltWith::read(file.bytes()).unwrap_or_default(),
            imports,
            exports,
            ways,
        })
    }

    /// What the program ends with: success where one can run it, and otherwise what the command that comes
    /// nearest would end with.
    fn code(&self, asked: Option<Way>) -> u8 {
        let mut refused = None;
        for (way, verdict) in &self.ways {
            match verdict {
                _ if asked.is_some_and(|asked| asked != *way) => {}
                Ok(_) => return 0,
                // To import too much, or to be too large, is nearer than to have nothing to run.
                Err(no) if no.exit != Exit::NothingToRun => refused = Some(no.exit),
                Err(no) => {
                    refused.get_or_insert(no.exit);
                }
            }
        }
        refused.unwrap_or(Exit::NothingToRun).code()
    }

    fn json(&self) -> serde_json::Value {
        let tools = |tools: &[oslo_messaging_build::Tool]| -> Vec<_> {
            let tools = tools.iter();
            tools
                .map(|tool| json!({"name": tool.name, "version": tool.version}))
                .collect()
        };
        let imports = self.imports.iter().map(|import| {
            json!({
                "name": import.name, "run": import.in_program, "serve": import.in_program,
                "host": import.in_host, "other_versions": import.other_versions,
            })
        });
        let mut found = json!({
            "sha256": self.sha256,
            "bytes": self.bytes,
            "built_with": {
                "languages": tools(&self.built_with.languages),
                "sdks": tools(&self.built_with.sdks),
                "tools": tools(&self.built_with.tools),
            },
            "imports": imports.collect::<Vec<_>>(),
            "exports": self.exports,
        });
        for (way, verdict) in &self.ways {
            found[way.name()] = match verdict {
                Ok(starts) => json!({"can": true, "starts": starts}),
                Err(No { exit, why }) => json!({
                    "can": false, "code": exit.code(), "kind": exit.name(), "why": why,
                }),
            };
        }
        found
    }
}

/// What a command starts, if it has what the component imports.
fn linking(
    starts: String,
    linked: &Result<(), No>,
    imports: &[Import],
    has: impl Fn(&Import) -> bool,
) -> Verdict {
    let Err(refusal) = linked else {
        return Ok(starts);
    };
    if refusal.exit != Exit::MissingImport {
        return Err(refusal.clone());
    }
    let lacking = imports.iter().filter(|it| !has(it));
    let lacking: Vec<_> = lacking.map(|it| it.name.as_str()).collect();
    if lacking.is_empty() {
        // It has the interfaces, and something in one is not what the component wants.
        return Err(refusal.clone());
    }
    let why = format!("it imports what this command lacks: {}", lacking.join(", "));
    Err(No::linking(why))
}
