//! Rule 3: what the agent is built from is a committed list, so that nothing sneaks into the smallest program. What the
//! Orchestrator is built from is one, too, with the licences: its console shows it.

use super::cargo::Package;
use super::finding::Finding;
use super::tree::Tree;
use std::collections::BTreeSet;

const RULE: &str = "dependency-list";

/// The agent's committed list, sorted, one `name version` a line.
pub const FILE: &str = "apps/magmad/dependencies.txt";

/// The Orchestrator's, of what others wrote: name, version and licence, with tabs.
pub const LICENCES_FILE: &str = "crates/orc8r-console/src/administration/licences.tsv";

const FIX: &str = "if it is wanted, run `cargo xtask tidy --accept` and commit the list; `cargo xtask budget` tells the size.";

/// Compares a committed list with what cargo resolves now.
pub fn check(tree: &Tree, file: &str, dependencies: &[String]) -> Vec<Finding> {
    let error = |says: String, fix| Finding::error(RULE, file, None, says, fix);
    let Some(text) = tree.text(file) else {
        return vec![error("the file does not exist.".to_owned(), "run `cargo xtask tidy --accept`.")];
    };
    let shown = |line: &str| line.replace('\t', " ");
    let committed: BTreeSet<&str> = text.lines().collect();
    let current: BTreeSet<&str> = dependencies.iter().map(String::as_str).collect();
    let come = current.difference(&committed).map(|line| format!("`{}` has come in.", shown(line)));
    let gone = committed.difference(&current).map(|line| format!("`{}` is gone.", shown(line)));
    let mut findings: Vec<Finding> = come.chain(gone).map(|says| error(says, FIX)).collect();
    if findings.is_empty() && text != to_text(dependencies) {
        findings.push(error("the list is not sorted, or has lines twice.".to_owned(), FIX));
    }
    findings
}

/// Of these dependencies those that are not ours, each with its licence.
pub fn with_licences(dependencies: &[String], packages: &[Package]) -> Vec<String> {
    let line = |package: &Package| {
        let Package { name, version, licence, .. } = package;
        let is_one = dependencies.binary_search(&format!("{name} v{version}")).is_ok();
        is_one.then(|| format!("{name}\t{version}\t{}", licence.as_deref().unwrap_or_default()))
    };
    let lines: BTreeSet<String> = packages.iter().filter_map(line).collect();
    lines.into_iter().collect()
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
            let findings = check(&Tree::of(&[(FILE, committed)]), FILE, &now);
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
        assert!(check(&Tree::default(), FILE, &[])[0].to_string().contains("tidy --accept"));
    }

    #[test]
    fn what_others_wrote_has_its_licence() {
        let package = |name: &str, licence: Option<&str>| Package {
            name: name.into(),
            version: "1.0.0".into(),
            licence: licence.map(str::to_owned),
            source: String::new(),
            has_default_features: false,
        };
        let packages =
            [package("tokio", Some("MIT")), package("bytes", None), package("of-tests", Some("MIT"))];
        let dependencies = ["bytes v1.0.0", "ours v0.1.0", "tokio v1.0.0"].map(str::to_owned);
        assert_eq!(with_licences(&dependencies, &packages), ["bytes\t1.0.0\t", "tokio\t1.0.0\tMIT"]);
    }
}
