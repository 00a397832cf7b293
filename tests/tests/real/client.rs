//! A service's own client, unmodified, in a plugin in Python, beside the same in CPython.

use std::env;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow, ensure};
use oslo_messaging_tests::peer::compiled;

use crate::json::{Json, difference};
use crate::python::{data, output, program};
use crate::service::Service;
use crate::way::oslo_plugin;
use crate::world::World;

/// Says where the same calls of clients, as a plugin and as what they are, print other lines.
pub(crate) fn differences(
    world: &World,
    service: &Service,
    clients: &[&str],
) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for client in clients {
        let as_plugin = || lines(&mut plugin(&world.url, &[client, service.kind.name])?);
        let as_service = || {
            let mut command = Command::new(program("python")?);
            command
                .args(["-W", "ignore"])
                .arg(data("native.py"))
                .args([client, service.kind.name])
                .arg(service.configuration())
                .env("PYTHONDONTWRITEBYTECODE", "1");
            lines(&mut command)
        };
        // Some wait for most of the time.
        let (before, found) = thread::scope(|scope| {
            let before = scope.spawn(as_service);
            let found = as_plugin();
            (before.join(), found)
        });
        let before = before.map_err(|_| anyhow!("the service's client panicked"))??;
        let found = found?;
        let returned = before.iter().filter(|it| it.get("returned").is_some());
        ensure!(
            returned.count() > before.len() / 2,
            "most calls fail: {before:?}"
        );
        if different(&before, &before, &found)?.is_empty() {
            continue;
        }
        // It may be a clock's.
        let why = different(&before, &as_service()?, &found)?;
        wrong.extend(why.into_iter().map(|why| format!("{client} {why}")));
    }
    Ok(wrong)
}

/// Where lines differ from those that stand for them before and after.
fn different(before: &[Json], after: &[Json], found: &[Json]) -> Result<Vec<String>> {
    ensure!(
        before.len() == found.len() && before.len() == after.len(),
        "as a service {before:?}, as a plugin {found:?}"
    );
    let lines = before.iter().zip(after).zip(found);
    let wrong = lines.filter_map(|((before, after), found)| {
        let why = difference(before, after, found, "")?;
        Some(format!("{why} in {before}"))
    });
    Ok(wrong.collect())
}

fn lines(command: &mut Command) -> Result<Vec<Json>> {
    output(command)?.lines().map(Json::parse).collect()
}

/// The plugin that has the clients of services.
pub(crate) fn plugin(url: &str, arguments: &[&str]) -> Result<Command> {
    let plugin = env::var_os("OSLO_TEST_CLIENTS")
        .context("OSLO_TEST_CLIENTS names the plugin with the clients of services")?;
    let mut command = oslo_plugin()?;
    command
        .args(["run", "--cache"])
        .arg(compiled()?)
        .args(["--transport", url])
        .arg(plugin)
        .args(arguments);
    Ok(command)
}
