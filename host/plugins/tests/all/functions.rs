//! Functions that were compiled are not compiled again, whatever became of the files that they are in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oslo_messaging_plugins::{Functions, Kept, engine};
use tempfile::TempDir;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// A component with functions that return these numbers.
fn component(numbers: &[u32]) -> Vec<u8> {
    let functions: Vec<_> = numbers
        .iter()
        .map(|number| format!("(func (export \"n{number}\") (result i32) i32.const {number})"))
        .collect();
    let lifts: Vec<_> = numbers
        .iter()
        .map(|number| {
            format!("(func (export \"n{number}\") (result u32) (canon lift (core func $i \"n{number}\")))")
        })
        .collect();
    let text = format!(
        "(component (core module $m {}) (core instance $i (instantiate $m)) {})",
        functions.join(" "),
        lifts.join(" ")
    );
    wat::parse_str(text).unwrap()
}

/// Compiles a component with what is kept in a folder, asks it for its numbers, and keeps what is new.
async fn compile(folder: &Path, limit: u64, numbers: &[u32]) {
    let kept = Kept {
        functions: Some(Arc::new(Functions::in_folder(folder, limit))),
        ..Kept::default()
    };
    let engine: Engine = engine(&kept).unwrap();
    let compiled = Component::new(&engine, component(numbers)).unwrap();
    kept.write();
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let linker = Linker::new(&engine);
    let instance = linker.instantiate_async(&mut store, &compiled).await;
    let instance = instance.unwrap();
    for number in numbers {
        let name = format!("n{number}");
        let function = instance.get_typed_func::<(), (u32,)>(&mut store, &name);
        let told = function.unwrap().call_async(&mut store, ()).await;
        assert_eq!(told.unwrap(), (*number,));
    }
}

/// The files, the oldest first, with their sizes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            (metadata.modified().unwrap(), entry.path(), metadata.len())
        })
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|(_, path, bytes)| (path, bytes))
        .collect()
}

const PLENTY: u64 = 1 << 20;

/// Cranelift takes one or two functions for others than they were, because of what it compiled before them.
#[tokio::test]
async fn what_is_the_same_in_another_component_is_not_compiled_again() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path().join("not/yet/there");
    let numbers: Vec<u32> = (0..100).collect();
    compile(&folder, PLENTY, &numbers).await;
    let first = files(&folder);
    let [(_, all)] = first[..] else {
        panic!("{first:?}")
    };
    for changed in [1000, 1001] {
        let numbers = [&numbers[1..], &[changed]].concat();
        compile(&folder, PLENTY, &numbers).await;
    }
    let left = files(&folder);
    let sum: u64 = left.iter().map(|(_, bytes)| bytes).sum();
    assert!(left.len() > 1 && sum < all + all / 3, "{left:?}");
}

/// A list is read when its file is opened, and functions when they are asked for, which some are not: see above.
#[tokio::test]
async fn what_is_damaged_is_compiled_again() {
    let numbers: Vec<u32> = (0..20).collect();
    for damage in [
        |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
        |bytes: &mut Vec<u8>| bytes.truncate(5),
        |bytes: &mut Vec<u8>| {
            let count = u32::from_le_bytes(bytes[32..36].try_into().unwrap());
            let list = 36 + 68 * usize::try_from(count).unwrap();
            bytes[list..].iter_mut().for_each(|byte| *byte ^= 1);
        },
        |bytes: &mut Vec<u8>| bytes[32] ^= 1,
        |bytes: &mut Vec<u8>| bytes[35] ^= 0x80,
        |bytes: &mut Vec<u8>| bytes[40] ^= 1,
        |bytes: &mut Vec<u8>| bytes.push(0),
        |bytes: &mut Vec<u8>| bytes.clear(),
    ] {
        let folder = TempDir::new().unwrap();
        compile(folder.path(), PLENTY, &numbers).await;
        let [(file, _)] = &files(folder.path())[..] else {
            panic!()
        };
        let whole = fs::read(file).unwrap();
        let mut damaged = whole.clone();
        damage(&mut damaged);
        fs::write(file, damaged).unwrap();
        compile(folder.path(), PLENTY, &numbers).await;
        // It is called by what is in it.
        assert!(fs::read(file).map_or(true, |bytes| bytes == whole));
        assert!(!files(folder.path()).is_empty());
    }
}

#[tokio::test]
async fn what_was_of_no_use_for_the_longest_time_makes_way() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    let mut numbers: Vec<u32> = (0..100).collect();
    compile(folder, PLENTY, &numbers).await;
    let [(oldest, bytes)] = &files(folder)[..] else {
        panic!()
    };
    let others: Vec<u32> = (100..200).collect();
    compile(folder, PLENTY, &others).await;
    // The oldest is of use once more, and there is no room for both.
    numbers.push(1000);
    compile(folder, bytes * 3 / 2, &numbers).await;
    let left = files(folder);
    assert!(left.iter().any(|(path, _)| path == oldest), "{left:?}");
    let sum: u64 = left.iter().map(|(_, bytes)| bytes).sum();
    assert!(left.len() == 2 && sum < bytes * 3 / 2, "{left:?}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_to_costs_time_only() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    compile(&file, PLENTY, &[1]).await;
    // And so does one that may have nothing.
    compile(&folder.path().join("empty"), 0, &[1]).await;
}
