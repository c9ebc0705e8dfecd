//! Rule 3: what the agent is built from is a committed list, so that nothing sneaks into the smallest program.

use super::finding::Finding;
use super::tree::Tree;
use std::collections::BTreeSet;

const RULE: &str = "dependency-list";

/// The committed list, sorted, one `name version` a line.
pub const FILE: &str = "apps/magmad/dependencies.txt";

const FIX: &str = "if it is wanted, run `cargo xtask tidy --accept` and commit the list; `cargo xtask budget` tells the size.";

/// Compares the committed list with what cargo resolves now.
pub fn check(tree: &Tree, dependencies: &[String]) -> Vec<Finding> {
    let Some(text) = tree.text(FILE) else {
        return vec![Finding::error(
            RULE,
            FILE,
            None,
            "the file does not exist.",
            "run `cargo xtask tidy --accept`.",
        )];
    };
    let committed: BTreeSet<&str> = text.lines().collect();
    let current: BTreeSet<&str> = dependencies.iter().map(String::as_str).collect();
    let come = current.difference(&committed).map(|name| format!("`{name}` has come in."));
    let gone = committed.difference(&current).map(|name| format!("`{name}` is gone."));
    let mut findings: Vec<Finding> =
        come.chain(gone).map(|says| Finding::error(RULE, FILE, None, says, FIX)).collect();
    if findings.is_empty() && text != to_text(dependencies) {
        findings.push(Finding::error(RULE, FILE, None, "the list is not sorted, or has lines twice.", FIX));
    }
    findings
}

/// The committed form.
pub fn to_text(dependencies: &[String]) -> String {
    dependencies.iter().map(|name| format!("{name}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_cannot_sneak_in() {
        let check = |row: &str, committed: &str, expected: &[&str]| {
            let now = ["bytes v1.0.0".to_owned(), "tokio v1.2.0".to_owned()];
            let findings = check(&Tree::of(&[(FILE, committed)]), &now);
            let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
            assert_eq!(says, expected, "{row}");
        };
        check("the same", "bytes v1.0.0\ntokio v1.2.0\n", &[]);
        check("one more", "tokio v1.2.0\n", &["`bytes v1.0.0` has come in."]);
        check("one less", "bytes v1.0.0\nlog v1.0.0\ntokio v1.2.0\n", &["`log v1.0.0` is gone."]);
        let version = ["`tokio v1.2.0` has come in.", "`tokio v1.1.0` is gone."];
        check("another version", "bytes v1.0.0\ntokio v1.1.0\n", &version);
        check("unsorted", "tokio v1.2.0\nbytes v1.0.0\n", &["the list is not sorted, or has lines twice."]);
    }

    #[test]
    fn without_the_file_the_fix_is_told() {
        assert!(check(&Tree::default(), &[])[0].to_string().contains("tidy --accept"));
    }
}
