//! Waits of a plugin in Python that imports what waits, and no clock.

use std::fs;

use crate::area::Area;

#[test]
fn waits_that_have_a_timeout_end_with_it() {
    let area = Area::new();
    area.does(&["new", "--language", "python", "waits"]);
    fs::write(area.folder().join("waits/plugin.py"), PLUGIN).unwrap();
    area.does(&["build", "waits"]);
    let printed = area.does(&["run", "waits/waits.wasm"]);
    assert_eq!(printed, PRINTS);
}

const PLUGIN: &str = "\
import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor


def main(arguments):
    held = threading.Lock()
    with held as it:
        print('lock', it, held.acquire(timeout=0.01))
    print('event', threading.Event().wait(0.01))
    print('semaphore', threading.Semaphore(0).acquire(timeout=0.01))
    for name, wait in (
            ('queue', lambda: queue.Queue().get(timeout=0.01)),
            ('simple queue', lambda: queue.SimpleQueue().get(timeout=0.01)),
            ('no wait', lambda: queue.SimpleQueue().get(block=False, timeout=3)),
            ('future', lambda: Future().result(timeout=0.01)),
            ('pool', lambda: ThreadPoolExecutor(1).submit(print))):
        try:
            wait()
        except Exception as error:
            print(name, repr(error))
";

const PRINTS: &str = "\
lock True False
event False
semaphore False
queue Empty()
simple queue Empty()
no wait Empty()
future TimeoutError()
pool RuntimeError(\"can't start new thread\")
";
