//! Rule 1: who may depend on whom. `apps` → `crates` → `protocols`; products meet through `wire-*` only.

use super::finding::Finding;
use super::manifests::{Crate, Dependency};

const RULE: &str = "layers";

/// The shelves in the order of what may be imported: each its own and those above it in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shelf {
    Protocols,
    Crates,
    Apps,
    /// Chores, tests and benches: they may use everything, and nothing may use them.
    Outside,
}

/// Libraries that do input and output, or speak for them; protocols are values without either.
const INPUT_AND_OUTPUT: [&str; 5] = ["tokio", "tonic", "prost", "hyper", "rustls"];

/// Checks every dependency of every crate.
pub fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for from in crates {
        for dependency in &from.dependencies {
            let to = crates.iter().find(|to| to.name == dependency.package);
            let broken = match to {
                Some(to) => broken_between(from, to),
                None => broken_outside(from, dependency),
            };
            findings.extend(
                broken.map(|(says, fix)| {
                    Finding::error(RULE, &from.manifest_path(), dependency.line, says, fix)
                }),
            );
        }
    }
    findings
}

fn broken_between(from: &Crate, to: &Crate) -> Option<(String, &'static str)> {
    let (from_shelf, to_shelf) = (shelf(&from.folder), shelf(&to.folder));
    let pair = format!("`{}` depends on `{}`", from.name, to.name);
    if from_shelf == Shelf::Outside {
        return None;
    }
    if to_shelf > from_shelf {
        let says = format!("{pair}, which lies on a higher shelf.");
        return Some((says, "move what is shared down, or hand it in from above."));
    }
    if is_wire(from) && !is_wire(to) {
        let says = format!("{pair}; generated messages depend on generated messages only.");
        return Some((says, "put behaviour into a crate that uses the messages."));
    }
    match (product(&from.name), product(&to.name)) {
        (Some(one), Some(other)) if one != other => {
            let says = format!("{pair}; the products {one} and {other} meet through `wire-*` only.");
            Some((says, "exchange messages of the contract, or move what both need into `magma-*`."))
        }
        (None, Some(other)) if from_shelf == Shelf::Crates => {
            let says = format!("{pair}; a shared crate knows no product, and {other} is one.");
            Some((says, "let the product hand in what the shared crate needs."))
        }
        _ => None,
    }
}

fn broken_outside(from: &Crate, dependency: &Dependency) -> Option<(String, &'static str)> {
    let io = INPUT_AND_OUTPUT.contains(&dependency.package.as_str());
    (io && shelf(&from.folder) == Shelf::Protocols).then(|| {
        let says = format!(
            "`{}` depends on `{}`, but a protocol does no input or output.",
            from.name, dependency.package
        );
        (says, "take bytes and the time as arguments; return bytes and events.")
    })
}

fn shelf(folder: &str) -> Shelf {
    match folder.split('/').next() {
        Some("protocols") => Shelf::Protocols,
        Some("crates") => Shelf::Crates,
        Some("apps") => Shelf::Apps,
        _ => Shelf::Outside,
    }
}

fn is_wire(found: &Crate) -> bool {
    found.name.starts_with("wire-")
}

/// The product that a crate belongs to: the part of its name before the dash, if that is a product.
/// `lab` is none: it exists to put all of them together.
fn product(name: &str) -> Option<&str> {
    const PRODUCTS: [&str; 4] = ["magmad", "orc8r", "agw", "feg"];
    let prefix = name.split('-').next()?;
    PRODUCTS.contains(&prefix).then_some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::manifests::made_up;

    /// The crate in `from` depends on the one in `to`; the rule says `expected`, or nothing when that is empty.
    fn check_pair(row: &str, from: &str, to: &str, expected: &str) {
        let crates = [made_up(from, &[to.rsplit('/').next().unwrap()]), made_up(to, &[])];
        let findings = check(&crates);
        let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
        match (says.as_slice(), expected) {
            ([], "") => {}
            ([one], expected) if !expected.is_empty() && one.contains(expected) => {
                assert_eq!(findings[0].file, format!("{from}/Cargo.toml"), "{row}");
                assert_eq!(findings[0].line, Some(4), "{row}");
            }
            _ => panic!("{row}: {says:?}, not `{expected}`"),
        }
    }

    #[test]
    fn dependencies_point_down() {
        check_pair("an app uses a crate", "apps/orc8r", "crates/orc8r-ca", "");
        check_pair("an app uses a protocol", "apps/agw", "protocols/s1ap", "");
        check_pair("lab uses an app", "apps/lab", "apps/magmad", "");
        check_pair("a crate uses an app", "crates/orc8r-ca", "apps/orc8r", "higher shelf");
        check_pair("a crate uses its own shelf", "crates/orc8r-rest", "crates/orc8r-model", "");
        check_pair("a protocol uses a crate", "protocols/s1ap", "crates/magma-rpc", "higher shelf");
        check_pair("a protocol uses its own shelf", "protocols/s1ap", "protocols/nas", "");
        check_pair("a chore uses what it wants", "xtask", "apps/orc8r", "");
        check_pair("an app uses a chore", "apps/orc8r", "xtask", "higher shelf");
        check_pair("a test uses what it wants", "tests/system", "apps/orc8r", "");
    }

    #[test]
    fn products_do_not_know_each_other() {
        check_pair("cloud and access gateway", "crates/orc8r-rest", "crates/agw-mme", "wire-*");
        check_pair("federation and cloud", "crates/feg-s6a", "crates/orc8r-store", "wire-*");
        check_pair("the agent and the cloud", "apps/magmad", "crates/orc8r-model", "wire-*");
        check_pair("the cloud and the agent", "apps/orc8r", "apps/magmad", "wire-*");
        check_pair(
            "a shared crate and a product",
            "crates/magma-rpc",
            "crates/orc8r-model",
            "knows no product",
        );
        check_pair("the agent and a shared crate", "apps/magmad", "crates/magma-identity", "");
        check_pair("lab and a product's crate", "apps/lab", "crates/orc8r-store", "");
    }

    #[test]
    fn messages_depend_on_messages_only() {
        check_pair("messages on messages", "crates/wire-lte", "crates/wire-orc8r", "");
        check_pair("messages on behaviour", "crates/wire-lte", "crates/magma-rpc", "generated messages");
        check_pair("behaviour on messages", "crates/magma-service303", "crates/wire-orc8r", "");
    }

    #[test]
    fn protocols_do_no_input_or_output() {
        let findings = check(&[
            made_up("protocols/s1ap", &["thiserror", "tokio"]),
            made_up("crates/magma-rpc", &["tokio"]),
        ]);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].file.as_str(), findings[0].line), ("protocols/s1ap/Cargo.toml", Some(5)));
    }
}
