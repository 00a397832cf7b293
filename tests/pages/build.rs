//! Makes the programs of pages: the blocks of Rust of a page, one after the other, are its program.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let made = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    for page in ["embedder", "native"] {
        let path = format!("../../docs/{page}.md");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let blocks = text.split("```rust\n").skip(1);
        let blocks: Vec<_> = blocks.filter_map(|it| it.split("```").next()).collect();
        fs::write(made.join(format!("{page}.rs")), blocks.join("\n")).expect("OUT_DIR is writable");
    }
}
