//! The names of options: those of the real library, and what the documentation says of them.

use std::collections::BTreeSet;

use oslo_messaging::transport::{ConfigFiles, RabbitOptions, Unread};

use crate::documented::{fixtures, table, without_folders};
use crate::reading::read;
use crate::upstream::ask;

#[test]
fn every_option_of_the_real_library_is_known() {
    let (_, names) = ask(&[]);
    let names_of = |section: &str| -> BTreeSet<String> {
        let names = names[section].as_array().unwrap().iter();
        names
            .map(|name| name.as_str().unwrap().to_owned())
            .collect()
    };
    let read = RabbitOptions::NAMES.iter();
    let known: BTreeSet<_> = read
        .chain(RabbitOptions::WITHOUT_EFFECT)
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(names_of("oslo_messaging_rabbit"), known);
    let documented: BTreeSet<_> = table("| option of `[DEFAULT]` | here |")
        .into_iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    assert_eq!(names_of("DEFAULT"), documented);
    let documented: BTreeSet<_> = table("| section of oslo.messaging | here |")
        .into_iter()
        .map(|row| row[0].trim_matches(['`', '[', ']']).to_owned())
        .collect();
    assert!(
        names.as_object().unwrap().keys().eq(&documented),
        "{documented:?}"
    );
    for row in removed() {
        assert!(
            !names_of("oslo_messaging_rabbit").contains(&row[0]),
            "{row:?}"
        );
        assert!(!names_of("DEFAULT").contains(&row[0]), "{row:?}");
    }
}

/// Each name of the table is known, and its warning says what the table says.
#[test]
fn removed_options_are_as_the_table_has_them() {
    for row in removed() {
        let [name, sections, since, became, _] = &row[..] else {
            panic!("{row:?}")
        };
        for section in ["DEFAULT", "oslo_messaging_rabbit"] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), format!("[{section}]\n{name} = 1\n")).unwrap();
            let read = ConfigFiles::new().file(file.path()).read().unwrap();
            let found = read
                .warnings
                .first()
                .map(|warning| warning.unread().clone());
            if sections.contains(section) {
                let Some(Unread::Removed {
                    since: found,
                    became: text,
                    ..
                }) = found
                else {
                    panic!("{name} in {section}: {found:?}")
                };
                assert_eq!((found, text), (since.as_str(), became.as_str()), "{name}");
            } else {
                assert!(
                    !matches!(found, Some(Unread::Removed { .. })),
                    "{name} in {section}"
                );
            }
        }
    }
}

#[test]
fn options_without_effect_are_as_the_table_has_them() {
    let mut names = BTreeSet::new();
    for row in table("| option of `[oslo_messaging_rabbit]` | has no effect here: |") {
        let [options, reason] = &row[..] else {
            panic!("{row:?}")
        };
        for name in options.split('`').skip(1).step_by(2) {
            let file = tempfile::NamedTempFile::new().unwrap();
            let text = format!("[oslo_messaging_rabbit]\n{name} = 1\n");
            std::fs::write(file.path(), text).unwrap();
            let read = ConfigFiles::new()
                .strict(true)
                .file(file.path())
                .read()
                .unwrap();
            let found = read
                .warnings
                .first()
                .map(|warning| warning.unread().clone());
            let Some(Unread::WithoutEffect { reason: found }) = found else {
                panic!("{name}: {found:?}")
            };
            assert_eq!(found, reason, "{name}");
            names.insert(name.to_owned());
        }
    }
    assert!(names.iter().eq(RabbitOptions::WITHOUT_EFFECT), "{names:?}");
}

#[test]
fn the_files_of_services_get_the_warnings_that_are_foretold() {
    for (files, expected) in fixtures() {
        let warnings = read(&files).unwrap().warnings;
        let found = warnings
            .iter()
            .map(|warning| without_folders(&warning.to_string()));
        assert_eq!(found.collect::<Vec<_>>(), expected, "{files:?}");
    }
}

fn removed() -> Vec<Vec<String>> {
    let heading = "| removed option | of | since | its warning says | and, when it differs |";
    let rows = table(heading).into_iter().map(|mut row| {
        row[0] = row[0].trim_matches('`').to_owned();
        row
    });
    rows.collect()
}
