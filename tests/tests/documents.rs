//! What documents name is there: files, and the parts of other pages that links lead to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files and folders between backticks, from the root or from the folder of the page, exist.
#[test]
fn files_that_documents_name_exist() {
    let mut named = 0;
    let mut missing = Vec::new();
    for page in pages() {
        let text = prose(&page);
        for path in text.split('`').skip(1).step_by(2) {
            let is_path = TOPS.iter().any(|top| path.starts_with(top));
            // A pattern, or a place that has another name in each language.
            if !is_path || path.contains(['*', '…', '<', '{', ' ', '@', '\n']) {
                continue;
            }
            named += 1;
            if !root().join(path).exists() && !page.with_file_name(path).exists() {
                missing.push(format!("{}: {path}", shown(&page)));
            }
        }
    }
    assert!(named > 200, "only {named} files are named");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A link to a part of a page leads to a heading.
#[test]
fn links_to_parts_of_pages_lead_to_headings() {
    let mut seen = 0;
    let mut dead = Vec::new();
    for page in pages() {
        for link in prose(&page).split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let Some((file, part)) = link.split_once('#') else {
                continue;
            };
            if link.contains("://") || !(file.is_empty() || file.ends_with(".md")) {
                continue;
            }
            seen += 1;
            let target = if file.is_empty() {
                page.clone()
            } else {
                page.with_file_name(file)
            };
            if !target.exists() || !headings(&target).contains(part) {
                dead.push(format!("{}: {link}", shown(&page)));
            }
        }
    }
    assert!(seen > 5, "only {seen} links to parts of pages");
    assert!(dead.is_empty(), "{dead:#?}");
}

/// As links name them.
fn headings(page: &Path) -> BTreeSet<String> {
    let text = prose(page);
    let headings = text.lines().filter_map(|line| {
        let heading = line.trim_start_matches('#').strip_prefix(' ')?;
        line.starts_with('#').then_some(heading)
    });
    let name = |heading: &str| -> String {
        let kept = heading.to_lowercase();
        let kept = kept.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        });
        kept.collect()
    };
    headings.map(name).collect()
}

/// The pages that people read, and not those of fresh plugins.
fn pages() -> Vec<PathBuf> {
    let mut folders = vec![root(), root().join("docs")];
    for folder in ["guest", "host"] {
        folders.extend(folders_of(&root().join(folder)));
    }
    let files = folders.iter().flat_map(|folder| entries(folder));
    let mut pages: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .collect();
    pages.sort();
    assert!(pages.len() > 15, "{pages:?}");
    pages
}

fn folders_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = entries(folder);
    found.retain(|path| path.is_dir());
    found
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// A page without its blocks of code.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    text.split("```").step_by(2).collect()
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

/// How a path begins.
const TOPS: [&str; 9] = [
    ".cargo/", ".ci/", ".github/", "docs/", "guest/", "host/", "tests/", "wit/", "xtask/",
];
