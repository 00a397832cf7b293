//! What `docs/configuration.md` foretells.

use std::path::{Path, PathBuf};

/// Files and folders of a service, as options of a command line, and the warnings that they get:
/// file name, line and text.
pub(crate) type Fixture = (Vec<(String, String)>, Vec<String>);

/// The table of fixtures.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let mut fixtures: Vec<Fixture> = Vec::new();
    for row in table("| files in `tests/configurations` | warning |") {
        let [files, warning] = &row[..] else {
            panic!("{row:?}")
        };
        let names = files.split('`').skip(1).step_by(2);
        let files: Vec<_> = names
            .map(|name| {
                let is_folder = name.ends_with('/');
                let option = if is_folder {
                    "--config-dir"
                } else {
                    "--config-file"
                };
                let path = repository()
                    .join("tests/configurations")
                    .join(name.trim_end_matches('/'));
                (option.to_owned(), path.to_str().unwrap().to_owned())
            })
            .collect();
        let is_another = fixtures.last().is_none_or(|(last, _)| *last != files);
        if is_another {
            fixtures.push((files, Vec::new()));
        }
        if warning != "none" {
            fixtures.last_mut().unwrap().1.push(warning.clone());
        }
    }
    fixtures
}

/// The rows below a heading, each as its cells.
pub(crate) fn table(heading: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(repository().join("docs/configuration.md")).unwrap();
    let below = text.lines().skip_while(|line| *line != heading).skip(2);
    let rows: Vec<_> = below
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let inner = line
                .strip_prefix("| ")
                .and_then(|rest| rest.strip_suffix(" |"))
                .unwrap();
            inner
                .split(" | ")
                .map(|cell| cell.trim().to_owned())
                .collect()
        })
        .collect();
    assert!(
        !rows.is_empty(),
        "docs/configuration.md has no table `{heading}`"
    );
    rows
}

/// A warning as the table has it: the folders of its file are those of the machine.
pub(crate) fn without_folders(warning: &str) -> String {
    let (file, rest) = warning.split_once(':').unwrap();
    let name = Path::new(file).file_name().unwrap();
    format!("{}:{rest}", name.to_str().unwrap())
}

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap().to_owned()
}
