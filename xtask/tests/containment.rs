//! However a run is killed, its processes and its folder go too.
//!
//! Real processes and real time: each case boots a RabbitMQ node and has thirty seconds to get
//! rid of it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

#[test]
fn killing_the_process_group_leaves_nothing() {
    check(|run| kill_process_group(pid(run.front.id()), Signal::KILL).unwrap());
}

#[test]
fn killing_the_guard_leaves_nothing() {
    check(|run| signal(run.guard, Signal::KILL));
}

#[test]
fn killing_the_worker_leaves_nothing() {
    check(|run| signal(run.worker, Signal::KILL));
}

#[test]
fn interrupting_leaves_nothing_and_says_so() {
    let mut run = check(|run| signal(run.front.id(), Signal::INT));
    assert_eq!(run.front.wait().unwrap().code(), Some(130));
}

fn check(kill: impl FnOnce(&Run)) -> Run {
    let mut run = Run::start();
    let involved = run
        .processes
        .iter()
        .chain([&run.guard, &run.worker])
        .copied();
    let involved = involved.collect::<Vec<_>>();
    assert!(involved.iter().all(|&id| is_running(id)), "{involved:?}");
    assert!(run.folder.exists());

    kill(&run);
    eventually("every process has ended", || {
        !involved.iter().any(|&id| is_running(id))
    });
    eventually("the folder is gone", || !run.folder.exists());
    eventually("the front has ended", || {
        !matches!(run.front.try_wait(), Ok(None))
    });
    run
}

/// `xtask broker`, and what the operating system knows about it.
struct Run {
    front: Child,
    guard: u32,
    worker: u32,
    /// The node and its port mapper.
    processes: Vec<u32>,
    /// The run's folder, around the node's.
    folder: PathBuf,
}

impl Run {
    fn start() -> Self {
        use std::os::unix::process::CommandExt;
        let mut front = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("broker")
            // This test is part of a contained run itself, as a rule.
            .env_remove("OSLO_CONTAINED_AS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(front.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        let processes = ready["processes"].as_array().unwrap();
        let processes: Vec<u32> = processes
            .iter()
            .map(|id| id.as_u64().unwrap().try_into().unwrap())
            .collect();
        let folder = Path::new(ready["folder"].as_str().unwrap())
            .parent()
            .unwrap()
            .to_owned();
        let worker = status(processes[0]).unwrap().parent;
        let guard = status(worker).unwrap().parent;
        assert_eq!(status(guard).unwrap().parent, front.id());
        Self {
            front,
            guard,
            worker,
            processes,
            folder,
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Only after a failed assertion is there anything to do.
        let _ = self.front.kill();
        let _ = self.front.wait();
    }
}

struct Status {
    state: char,
    parent: u32,
}

fn status(id: u32) -> Option<Status> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut words = stat.rsplit_once(')')?.1.split_whitespace();
    let state = words.next()?.chars().next()?;
    Some(Status {
        state,
        parent: words.next()?.parse().ok()?,
    })
}

fn is_running(id: u32) -> bool {
    // A zombie runs no more; when to bury it is its new parent's business.
    status(id).is_some_and(|status| status.state != 'Z')
}

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn signal(id: u32, signal: Signal) {
    kill_process(pid(id), signal).unwrap();
}

fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed()).unwrap()
}
