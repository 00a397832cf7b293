//! Runs a command so that nothing of it stays, however the run ends.
//!
//! Three processes, each an instance of the same program:
//!
//! ```text
//! front   the one people see, interrupt and kill
//!   └ guard   its own session; owns the run's folder; adopts every orphan of the run
//!       └ worker   does the work, with TMPDIR inside the folder
//! ```
//!
//! The guard reads a pipe that only the front can write to. When the front goes away, by SIGKILL
//! too, the pipe ends, and the guard kills everything that descends from it and removes the
//! folder. When somebody kills the guard, the front does the same in its place. Only if both are
//! killed at the same time does the folder stay, and then the next run removes it.
//!
//! A kernel's "child subreaper" makes the guard the parent of every process whose own parent died,
//! daemons such as Erlang's port mapper included, so nothing has to be found by its name.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, thread};

use anyhow::{Context, Result};
use rustix::process::{self, Pid, Signal, WaitOptions};

/// Does `work` in a contained worker process and returns its exit code.
///
/// The program calls this first thing in `main`; it calls the program again with the same
/// arguments, once as the guard and once as the worker, and only the worker comes to `work`.
///
/// # Errors
///
/// Fails when a process cannot be started or the run's folder cannot be made; in the worker, when
/// `work` fails.
pub fn run(work: impl FnOnce() -> Result<u8>) -> Result<u8> {
    match env::var(ROLE).as_deref() {
        Ok("guard") => guard(),
        Ok("worker") => work(),
        _ => front(),
    }
}

fn front() -> Result<u8> {
    adopt_orphans()?;
    remove_abandoned_folders();
    let folder = env::temp_dir().join(format!("{PREFIX}{}-{}", std::process::id(), unique()));
    let mut guard = same_program("guard")?
        .env(FOLDER, &folder)
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot start the guard process")?;

    // Whoever asks this process to stop means the run: let the guard end it, then report it.
    let lifeline = Arc::new(Mutex::new(guard.stdin.take()));
    let mut signals = signal_hook::iterator::Signals::new(ASKS_TO_STOP)?;
    let stopped_by = Arc::new(Mutex::new(None));
    thread::spawn({
        let (lifeline, stopped_by) = (Arc::clone(&lifeline), Arc::clone(&stopped_by));
        move || {
            for signal in signals.forever() {
                stopped_by
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(signal);
                lifeline
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .take();
            }
        }
    });

    let status = guard.wait().context("cannot wait for the guard process")?;
    if status.signal().is_some() {
        clean_up(&folder);
    }
    match *stopped_by.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(signal) => Ok(exit_code_of_signal(signal)),
        None => Ok(exit_code(status)),
    }
}

fn guard() -> Result<u8> {
    // From here on neither Ctrl-C, nor a closed terminal, nor a signal to the front's process
    // group reaches this process. There is nothing to clean up before that point.
    process::setsid().context("cannot start a session")?;
    adopt_orphans()?;
    let folder = PathBuf::from(env::var_os(FOLDER).context("a guard needs its folder's name")?);
    fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // Held, never written: it tells later runs that somebody looks after this folder.
    let lock = File::create(folder.join(LOCK))?;
    lock.lock()?;

    let worker = same_program("worker")?
        .env("TMPDIR", &folder)
        .stdin(Stdio::null())
        .spawn();
    let code = worker
        .context("cannot start the worker process")
        .map(|worker| {
            thread::spawn(|| {
                // Nothing is ever written to the pipe: a read returns when the front is gone.
                let _ = io::stdin().read(&mut [0]);
                kill_children();
            });
            worker_exit_code(&worker)
        });
    clean_up(&folder);
    code
}

fn worker_exit_code(worker: &Child) -> u8 {
    // The wait for the worker also has to reap the orphans that this process adopted, or they
    // would pile up during a long run.
    let id = worker.id().cast_signed();
    loop {
        match process::wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid.as_raw_nonzero().get() == id => {
                return exit_code(ExitStatus::from_raw(status.as_raw()));
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(_) => return 1,
        }
    }
}

/// Kills all that descends from this process, waits for it, and removes the folder.
fn clean_up(folder: &Path) {
    // A killed process's children become ours, so each round goes one generation deeper.
    for _ in 0..ROUNDS {
        kill_children();
        loop {
            match process::wait(WaitOptions::NOHANG) {
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => break,
                // No children are left.
                Err(_) => {
                    remove_folder(folder);
                    return;
                }
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    remove_folder(folder);
}

fn remove_folder(folder: &Path) {
    // Whoever was just killed may have been creating a file: try again.
    for _ in 0..5 {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                thread::sleep(Duration::from_millis(50));
            }
            _ => return,
        }
    }
}

/// Sends SIGKILL to every child of this process. What a run leaves is worth nothing, so nobody is
/// asked politely.
fn kill_children() {
    let own = std::process::id();
    let Ok(processes) = fs::read_dir("/proc") else {
        return;
    };
    for entry in processes.flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        if parent_of(&entry.path()) == Some(own)
            && let Some(pid) = Pid::from_raw(id)
        {
            let _ = process::kill_process(pid, Signal::KILL);
        }
    }
}

fn parent_of(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // `pid (name) state ppid …`, and the name may hold anything.
    stat.rsplit_once(')')?
        .1
        .split_whitespace()
        .nth(1)?
        .parse()
        .ok()
}

/// Removes the folders of runs whose guard was killed together with its front.
fn remove_abandoned_folders() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        let settled = entry
            .metadata()
            .and_then(|data| data.modified())
            .ok()
            .and_then(|time| time.elapsed().ok())
            .is_some_and(|age| age > SETTLED);
        if !(is_ours && settled) {
            continue;
        }
        let path = entry.path();
        let abandoned = match File::open(path.join(LOCK)) {
            Ok(lock) => !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if abandoned {
            remove_folder(&path);
        }
    }
}

#[cfg(target_os = "linux")]
fn adopt_orphans() -> Result<()> {
    // Any process id switches it on, and none switches it off.
    process::set_child_subreaper(Some(process::getpid())).context("cannot become a child subreaper")
}

#[cfg(not(target_os = "linux"))]
fn adopt_orphans() -> Result<()> {
    // Elsewhere a run that is killed leaves what its direct children do not end by themselves.
    Ok(())
}

fn same_program(role: &str) -> Result<Command> {
    let mut command = Command::new(env::current_exe().context("cannot find this program")?);
    command.args(env::args_os().skip(1)).env(ROLE, role);
    Ok(command)
}

fn exit_code(status: ExitStatus) -> u8 {
    match (status.code(), status.signal()) {
        (Some(code), _) => u8::try_from(code).unwrap_or(1),
        (None, Some(signal)) => exit_code_of_signal(signal),
        (None, None) => 1,
    }
}

fn exit_code_of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

/// Not a secret, only different from run to run.
pub(crate) fn unique() -> String {
    use std::hash::{BuildHasher, RandomState};
    format!("{:016x}", RandomState::new().hash_one(0))
}

const ROLE: &str = "OSLO_CONTAINED_AS";
const FOLDER: &str = "OSLO_CONTAINED_IN";
const LOCK: &str = "guarded";
const PREFIX: &str = "oslo-messaging-run-";
const ROUNDS: u32 = 500;
const SETTLED: Duration = Duration::from_secs(60);
const ASKS_TO_STOP: [i32; 3] = [
    signal_hook::consts::SIGHUP,
    signal_hook::consts::SIGINT,
    signal_hook::consts::SIGTERM,
];
