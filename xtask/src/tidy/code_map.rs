//! Rule 7 for ARCHITECTURE.md: its code map names every crate, and only crates that exist.

use super::finding::Finding;
use super::manifests::Crate;
use super::tree::{Tree, numbered};

const RULE: &str = "code-map";
const FILE: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Code map";

/// Compares the names in backticks below the heading with the crates.
pub fn check(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let Some(text) = tree.text(FILE) else {
        let fix =
            format!("write it, with a section `{HEADING}` that names each crate's folder in backticks.");
        return vec![Finding::error(RULE, FILE, None, "the file does not exist.", fix)];
    };
    let map = code_map(text);
    let Some((heading, _)) = map.first() else {
        let fix = "add it, and name each crate's folder there in backticks.";
        return vec![Finding::error(RULE, FILE, None, format!("there is no section `{HEADING}`."), fix)];
    };
    let named: Vec<(usize, &str)> =
        map.iter().flat_map(|(number, line)| in_backticks(line).map(|name| (*number, name))).collect();
    let mut findings = missing(crates, &named, *heading);
    findings.extend(invented(tree, crates, &named));
    findings
}

/// The heading and the lines below it, up to the next heading of its level or above.
fn code_map(text: &str) -> Vec<(usize, &str)> {
    let mut lines = numbered(text).skip_while(|(_, line)| line.trim_end() != HEADING);
    let heading = lines.next();
    let ends = |line: &str| line.starts_with("# ") || line.starts_with("## ");
    heading.into_iter().chain(lines.take_while(|(_, line)| !ends(line))).collect()
}

fn missing(crates: &[Crate], named: &[(usize, &str)], heading: usize) -> Vec<Finding> {
    let is_named =
        |found: &&Crate| named.iter().any(|(_, name)| *name == found.folder || *name == found.name);
    let finding = |found: &Crate| {
        let says = format!("the code map does not name `{}`.", found.folder);
        Finding::error(RULE, FILE, Some(heading), says, "say in a line what it is and what it never does.")
    };
    crates.iter().filter(|found| !is_named(found)).map(finding).collect()
}

fn invented(tree: &Tree, crates: &[Crate], named: &[(usize, &str)]) -> Vec<Finding> {
    let finding = |(number, name): &(usize, &str)| {
        let says = format!("the code map names `{name}`, which does not exist.");
        Finding::error(RULE, FILE, Some(*number), says, "take it out until its code exists.")
    };
    named.iter().filter(|(_, name)| !exists(tree, crates, name)).map(finding).collect()
}

/// Whether a name that stands for a crate or a test is one. Names that stand for something else always exist.
fn exists(tree: &Tree, crates: &[Crate], name: &str) -> bool {
    let mut parts = name.split('/');
    let (Some(shelf), Some(folder)) = (parts.next(), parts.next().filter(|folder| *folder != "*")) else {
        return true;
    };
    let folder = format!("{shelf}/{folder}");
    match shelf {
        "apps" | "crates" | "protocols" => crates.iter().any(|found| found.folder == folder),
        "tests" => tree.files().any(|(path, _)| path.starts_with(&format!("{folder}/"))),
        _ => true,
    }
}

fn in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::places;
    use crate::tidy::manifests::made_up;

    fn check_text(row: &str, text: &str, expected: &[&str]) {
        let crates = [made_up("apps/magmad", &[]), made_up("crates/magma-rpc", &[]), made_up("xtask", &[])];
        assert_eq!(places(&check(&Tree::of(&[(FILE, text)]), &crates)), expected, "{row}");
    }

    #[test]
    fn the_map_names_every_crate_and_no_other() {
        let heading = "# Architecture\n## Code map\n";
        let all = "- `apps/magmad` the agent\n- `crates/magma-rpc/` channels\n- `xtask` chores\n";
        check_text("all of them", &format!("{heading}{all}"), &[]);
        check_text("by their names alone", &format!("{heading}`magmad`, `magma-rpc` and `xtask`"), &[]);
        check_text(
            "deeper paths and patterns are fine",
            &format!("{heading}{all}`crates/magma-rpc/src/tls.rs` `crates/*`"),
            &[],
        );
        check_text(
            "one is missing",
            &format!("{heading}`apps/magmad` `xtask`"),
            &["code-map ARCHITECTURE.md:2"],
        );
        check_text(
            "one is invented",
            &format!("{heading}{all}`crates/agw-mme`"),
            &["code-map ARCHITECTURE.md:6"],
        );
        check_text(
            "outside of the map names are free",
            &format!("`crates/agw-mme`\n{heading}{all}## Later\n`apps/agw`"),
            &[],
        );
        check_text("subsections belong to the map", &format!("{heading}### Programs\n{all}"), &[]);
        check_text("no map", "# Architecture\n", &["code-map ARCHITECTURE.md"]);
    }

    #[test]
    fn without_the_file_the_fix_is_told() {
        let findings = check(&Tree::default(), &[]);
        assert_eq!(places(&findings), ["code-map ARCHITECTURE.md"]);
        assert!(findings[0].to_string().contains("write it"));
    }
}
