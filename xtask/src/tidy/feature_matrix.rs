//! The tables of features name a test for each row, and each named test exists: so a row is a promise that is held.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::tree::{Tree, numbered};

const RULE: &str = "feature-matrix";
const FILES: [&str; 3] =
    ["docs/feature-matrix.md", "docs/feature-matrix-cloud.md", "docs/feature-matrix-console.md"];

/// Compares the names in backticks of each row's last column with the test functions of the tree.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let tests = test_functions(tree);
    FILES.iter().flat_map(|file| check_table(file, tree.text(file).unwrap_or_default(), &tests)).collect()
}

fn check_table(file: &str, text: &str, tests: &BTreeSet<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, row) in numbered(text).filter(|(_, line)| is_row(line)) {
        let named: Vec<&str> = last_column(row).split('`').skip(1).step_by(2).collect();
        if named.is_empty() {
            let fix = "name the test that holds it, in backticks, in the last column.";
            findings.push(Finding::error(RULE, file, Some(number), "a row names no test.", fix));
        }
        for name in named.into_iter().filter(|name| !tests.contains(function(name))) {
            let says = format!("the test `{name}` does not exist.");
            findings.push(Finding::error(RULE, file, Some(number), says, "name one that does, or write it."));
        }
    }
    findings
}

/// Whether the line is a row below a table's head: such a row begins with a cell that is neither a head nor a rule.
fn is_row(line: &str) -> bool {
    line.starts_with("| ") && !line.starts_with("| Feature") && !line.starts_with("| Bug")
}

fn last_column(row: &str) -> &str {
    row.trim_end().trim_end_matches('|').rsplit('|').next().unwrap_or_default()
}

/// `magmad::checkin::a_test` is found by `a_test`.
fn function(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

/// Names of the functions that stand below an attribute which makes them tests.
fn test_functions(tree: &Tree) -> BTreeSet<&str> {
    let mut tests = BTreeSet::new();
    for (_, text) in tree.rust_files() {
        let mut is_test = false;
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some(rest) = line.trim_start_matches("async ").strip_prefix("fn ")
                && std::mem::take(&mut is_test)
            {
                tests.insert(rest.split('(').next().unwrap_or_default());
            }
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::places;

    const HEAD: &str = "| Feature | Python | Go | Ours | Test |\n|---|---|---|---|---|\n";

    #[test]
    fn each_row_names_tests_that_exist() {
        let code =
            "#[test]\nfn one() {}\n#[tokio::test(start_paused = true)]\nasync fn two() {}\nfn helper() {}\n";
        for (row, text, expected) in [
            ("all there", "| a | ✔ | ✘ | ✔ | `magmad::x::one`, `two` |\n", &[][..]),
            ("no test", "| a | ✔ | ✘ | ✔ | |\n", &["feature-matrix docs/feature-matrix.md:3"]),
            ("not there", "| a | ✔ | ✘ | ✔ | `three` |\n", &["feature-matrix docs/feature-matrix.md:3"]),
            (
                "no test function",
                "| a | ✔ | ✘ | ✔ | `helper` |\n",
                &["feature-matrix docs/feature-matrix.md:3"],
            ),
            ("no row", "text with `three`\n", &[]),
        ] {
            let table = format!("{HEAD}{text}");
            let tree = Tree::of(&[(FILES[0], &table), ("apps/magmad/src/lib.rs", code)]);
            assert_eq!(places(&check(&tree)), expected, "{row}");
        }
        assert!(check(&Tree::default()).is_empty(), "without the page there is nothing to hold");
    }
}
