use super::*;

fn ini(text: &str) -> Ini {
    let mut ini = Ini::default();
    ini.add(None, text.as_bytes()).unwrap();
    ini
}

fn values(ini: &Ini) -> Vec<(String, String)> {
    let values = ini.section("s").into_iter();
    values
        .map(|found| (found.name.clone(), ini.value(found).unwrap()))
        .collect()
}

#[test]
fn values_are_what_oslo_config_reads() {
    let check = |line: &str, value: &str| {
        let found = values(&ini(&format!("[s]\n{line}\n")));
        assert_eq!(found, [("a".to_owned(), value.to_owned())], "{line}");
    };
    check("a=b", "b");
    check("a = b = c", "b = c");
    check("a: b = c", "b = c");
    check("a = b:c", "b:c");
    check("a =", "");
    check("a = b # c", "b # c");
    check("a = b ; c", "b ; c");
    check("a = \" b \"", " b ");
    check("a = 'b\"", "'b\"");
    check("a = \"", "");
    check("a = b\\nc", "b\\nc");
    check("a = b\n c\n\td", "b\nc\nd");
    check("a = b\n# c", "b");
    check("a = b\na = c", "c");
    check("a = b\n[t]\na = x\n[S]\na = c", "c");
    check("a = b\r", "b");
    check("a = b\r c\r\n d", "b\nc\nd");
    check("a = b\r\na = c", "c");
    check("a = 5$$", "5$");
    check("a = 5$", "5$");
    check("a = \\$b", "$b");
    check("a = $5 ${} $-", "$5 ${} $-");
}

#[test]
fn values_refer_to_values() {
    let check = |texts: &[&str], value: &str| {
        let mut ini = Ini::default();
        for text in texts {
            ini.add(None, text.as_bytes()).unwrap();
        }
        let assignment = ini.of_names("s", &["a"]).unwrap();
        assert_eq!(ini.value(assignment).as_deref(), Ok(value), "{texts:?}");
    };
    check(&["[s]\na = $b-${b}c\nb = x"], "x-xc");
    check(&["[DEFAULT]\nb = y\n[s]\na = $b"], "y");
    check(&["[DEFAULT]\nb = y\n[s]\na = $b\nb = x"], "x");
    check(&["[t]\nb = z\n[s]\na = ${t.b}"], "z");
    // Of whatever file, and the last one's.
    check(&["[s]\na = $b", "[DEFAULT]\nb = y"], "y");
    check(&["[s]\na = $b\nb = x", "[s]\nb = y"], "y");
    for text in ["[s]\na = $b", "[s]\na = $a", "[s]\na = ${t.b}\n[t]\nc = 1"] {
        let ini = ini(text);
        let problem = ini.value(ini.section("s")[0]).unwrap_err();
        let ConfigProblem::UnknownReference { name: Some(name) } = problem else {
            panic!("{problem:?}")
        };
        assert!(text.contains(&name), "{name}");
    }
}

#[test]
fn of_several_files_the_last_counts() {
    let mut ini = ini("[s]\na = 1\nb = 1\nnew = 1\nold = 2");
    ini.add(None, b"[S]\nb = 2\n[s]\nc = 2").unwrap();
    let found = values(&ini);
    let expected = [
        ("a", "1"),
        ("new", "1"),
        ("old", "2"),
        ("b", "2"),
        ("c", "2"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(found, expected);
    let counts = |ini: &Ini| {
        ini.of_names("s", &["new", "old"])
            .map(|it| it.value.clone())
    };
    assert_eq!(counts(&ini).as_deref(), Some("1"));
    ini.add(None, b"[s]\nold = 3").unwrap();
    assert_eq!(counts(&ini).as_deref(), Some("3"));
}

#[test]
fn what_is_not_utf8_matters_where_it_is_read() {
    let mut ini = Ini::default();
    ini.add(
        None,
        b"# caf\xe9\n[s]\na = b # gr\xfc\xdfe\nc = d\n e\xff\nf = $a\ng = \xc3\xa9\n",
    )
    .unwrap();
    let read = |name| {
        let assignment = ini.of_names("s", &[name]).unwrap();
        ini.value(assignment)
    };
    assert_eq!(read("g").as_deref(), Ok("\u{e9}"));
    for (name, at) in [("a", "a"), ("c", "c"), ("f", "a")] {
        let name_of = at.to_owned();
        assert_eq!(read(name), Err(ConfigProblem::NotUtf8 { name: name_of }));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let check = |text: &str, line: usize, expected: &str| {
        let error = Ini::default().add(None, text.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("line {line}: {expected}"),
            "{text}"
        );
    };
    check("\n[s\n", 2, "a section is written `[name]`");
    check("[]", 1, "a section is written `[name]`");
    check("[s]\nnonsense", 2, "expected `name = value`");
    check("[s]\n= 5", 2, "the option has no name");
    check("a = 5", 1, "the option stands before the first `[section]`");
    let continuation = "the line begins with a blank, but continues nothing";
    check(" a = 5", 1, continuation);
    check("[s]\na = 5\n\n b", 4, continuation);
    check("[s]\na = 5\n# c\n b", 4, continuation);
}
