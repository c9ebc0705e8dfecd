//! Documents and the trees, lines and mistakes that they give.

use super::*;

/// Writes a tree in one line, so that a table can hold it.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain: true } => text.clone(),
        Value::Scalar { text, plain: false } => format!("{text:?}"),
        Value::Sequence(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Value::Mapping(entries) => format!("{{{}}}", show_entries(entries)),
        Value::NotText(text) => format!("<{text}>"),
    }
}

fn show_entries(entries: &[Entry]) -> String {
    entries.iter().map(|e| format!("{}@{}={}", e.key, e.line, show(&e.value))).collect::<Vec<_>>().join(" ")
}

fn check(text: &str, expected: &str, expected_mistakes: &[(u32, &str, &str)]) {
    let (entries, mistakes) = parse(text);
    assert_eq!(show_entries(&entries), expected, "{text:?}");
    let found: Vec<_> = mistakes.iter().map(|m| (m.line, m.key.as_str())).collect();
    let wanted: Vec<_> = expected_mistakes.iter().map(|(line, key, _)| (*line, *key)).collect();
    assert_eq!(found, wanted, "{text:?}: {mistakes:?}");
    for (mistake, (_, _, part)) in mistakes.iter().zip(expected_mistakes) {
        assert!(mistake.message.contains(part), "{:?} has no {part:?}", mistake.message);
    }
}

#[test]
fn a_document_becomes_entries_with_lines() {
    check("", "", &[]);
    check("---\n# nothing\n", "", &[]);
    check("a: 1\nb: 'yes'\n\nc:\n  - x\n  - y\nd: {e: ~}\n", "a@1=1 b@2=\"yes\" c@4=[x y] d@7={e@7=~}", &[]);
    check("a:\nb:\n", "a@1=~ b@2=~", &[]);
    check("a: !!str 5\n", "a@1=\"5\"", &[]);
    check("\u{feff}a: 1\n", "a@1=1", &[]);
    check("a: 1\r\nb: 2\r\n", "a@1=1 b@2=2", &[]);
}

#[test]
fn aliases_and_merges_are_expanded() {
    check("a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\n", "a@1={p@1=1 q@1=2} b@2={q@4=3 p@1=1}", &[]);
    check("a: &x [1]\nb: *x\n", "a@1=[1] b@2=[1]", &[]);
}

#[test]
fn a_template_that_was_not_filled_in_is_kept_as_its_text() {
    check("a: {{.Address}}\nb: 443\n", "a@1=<{{.Address}}> b@2=443", &[]);
}

#[test]
fn a_key_given_twice_is_a_mistake_and_the_later_counts() {
    check("a: 1\nb: 2\na: 3\n", "b@2=2 a@3=3", &[(3, "a", "first on line 1")]);
    check("m:\n  a: 1\n  a: 2\n", "m@1={a@3=2}", &[(3, "m.a", "first on line 2")]);
}

#[test]
fn a_syntax_error_costs_only_its_own_key() {
    check("a: 1\nb: {{.Host}}:80\nc: 3\n", "a@1=1 c@3=3", &[(2, "b", "not valid YAML")]);
    check("a: [1, 2\nb: 2\nc: \"x\nd: 4\n", "b@2=2 d@4=4", &[(1, "a", "YAML"), (3, "c", "YAML")]);
    check("---\na: 1\nb:\n\t- x\nc: 3\n", "a@2=1 c@5=3", &[(4, "b", "YAML")]);
    check("a: *nowhere\nb: 1\n", "b@2=1", &[(1, "a", "YAML")]);
    check("a: &x 1\nb: [\nc: *x\n", "a@1=1", &[(2, "b", "YAML"), (3, "c", "YAML")]);
}

#[test]
fn what_is_no_mapping_is_refused() {
    check("- a\n- b\n", "", &[(1, "", "key: value")]);
    check("just words\n", "", &[(1, "", "key: value")]);
    check("a: 1\n---\nb: 2\n", "a@1=1", &[(2, "", "first document")]);
}

#[test]
fn nested_aliases_cannot_take_the_memory() {
    let mut text = "l0: &l0 [1,1,1,1,1,1,1,1,1]\n".to_owned();
    for level in 1..9 {
        let refs = vec![format!("*l{}", level - 1); 9].join(",");
        text.push_str(&format!("l{level}: &l{level} [{refs}]\n"));
    }
    let (_, mistakes) = parse(&text);
    assert!(mistakes.iter().any(|m| m.lost), "{mistakes:?}");
    let deep = format!("a: {}\n", "[".repeat(500));
    assert!(parse(&deep).1.iter().any(|m| m.lost && m.key == "a"));
}
