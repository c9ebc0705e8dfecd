//! Rule 4 for what we chose: a library of the workspace is used, and its reason is written down.

use super::finding::Finding;
use super::manifests::{Crate, line_of_key};
use super::rust_code::occurrences;
use super::tree::Tree;
use toml::{Table, Value};

const RULE: &str = "library-reasons";
const ROOT: &str = "Cargo.toml";
const REASONS: &str = "docs/decisions/0002-dependencies.md";

/// Checks every library that the root's manifest names.
pub fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let manifest = tree.text(ROOT).unwrap_or_default();
    let reasons = tree.text(REASONS).unwrap_or_default();
    let mut findings = Vec::new();
    for (name, package) in libraries(manifest) {
        let error =
            |says: String, fix: &str| Finding::error(RULE, ROOT, line_of_key(manifest, &name), says, fix);
        if !crates.iter().any(|found| found.dependencies.iter().any(|used| used.package == package)) {
            findings.push(error(format!("no crate uses `{name}`."), "take the line out."));
        }
        if !reasons.lines().any(|line| names(line, &package)) {
            findings.push(error(
                format!("nothing says why `{package}` was chosen."),
                &format!("add it to {REASONS}."),
            ));
        }
    }
    findings
}

/// Key and package name of everything in `[workspace.dependencies]` that is not ours.
fn libraries(manifest: &str) -> Vec<(String, String)> {
    let manifest: Table = manifest.parse().unwrap_or_default();
    let dependencies = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let all = dependencies.and_then(Value::as_table).into_iter().flatten();
    let foreign = all.filter(|(_, value)| value.get("path").is_none());
    let package =
        |key: &str, value: &Value| value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned();
    foreign.map(|(key, value)| (key.clone(), package(key, value))).collect()
}

/// Whether `line` has the name as a whole: `prost` is not named by `prost-build`.
fn names(line: &str, package: &str) -> bool {
    occurrences(line, package).any(|(before, after)| !before.ends_with('-') && !after.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::manifests::made_up;

    #[test]
    fn libraries_are_used_and_explained() {
        let check = |row: &str, reasons: &str, used: &[&str], expected: &[&str]| {
            let manifest = "[workspace.dependencies]\nours = { path = \"crates/ours\" }\nprost = \"1\"\n";
            let tree = Tree::of(&[(ROOT, manifest), (REASONS, reasons)]);
            let findings = check(&tree, &[made_up("crates/ours", used)]);
            let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
            assert_eq!(says, expected, "{row}");
            assert!(findings.iter().all(|finding| finding.line == Some(3)), "{row}");
        };
        check("used and explained", "| messages | prost, others |", &["prost"], &[]);
        check("not used", "prost", &["serde"], &["no crate uses `prost`."]);
        let unexplained = ["nothing says why `prost` was chosen."];
        check("not explained", "", &["prost"], &unexplained);
        check("only a longer name explained", "prost-build and almost-prost", &["prost"], &unexplained);
    }
}
