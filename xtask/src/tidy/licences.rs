//! Rule 4 for what others wrote: licences that `deny.toml` allows, from sources that it allows.
//!
//! `cargo deny` reads the same file and checks more; this needs nothing installed, so it runs everywhere.

use super::cargo::Package;
use super::finding::Finding;
use super::tree::Tree;
use toml::{Table, Value};

const RULE: &str = "licences";
const FILE: &str = "deny.toml";

/// Checks every package that is not ours.
pub fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let Some(Ok(rules)) = tree.text(FILE).map(str::parse::<Table>) else {
        let fix = "write it, with [licenses] allow and [sources] allow-registry.";
        return vec![Finding::error(RULE, FILE, None, "the file does not exist, or is not valid TOML.", fix)];
    };
    let licences = texts(&rules, "licenses", "allow");
    let registries = texts(&rules, "sources", "allow-registry");
    let findings = packages.iter().filter_map(|package| {
        let says = bad_licence(package, &licences).or_else(|| bad_source(package, &registries))?;
        let says = format!("`{} v{}` {says}.", package.name, package.version);
        Some(Finding::error(
            RULE,
            FILE,
            None,
            says,
            "use another library, or decide that this is allowed, in that file.",
        ))
    });
    findings.collect()
}

fn texts<'a>(rules: &'a Table, section: &str, key: &str) -> Vec<&'a str> {
    let list = rules.get(section).and_then(|section| section.get(key)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn bad_licence(package: &Package, allowed: &[&str]) -> Option<String> {
    match &package.licence {
        None => Some("names no licence".to_owned()),
        Some(expression) if is_allowed(expression, allowed) => None,
        Some(expression) => Some(format!("has the licence {expression}")),
    }
}

fn bad_source(package: &Package, allowed: &[&str]) -> Option<String> {
    let registry = package.source.strip_prefix("registry+");
    let known = registry.is_some_and(|registry| allowed.contains(&registry));
    (!known).then(|| format!("comes from {}", package.source))
}

/// Evaluates an SPDX expression. `/` is how old manifests write OR.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = Words { rest: spaced.split_whitespace().collect(), allowed };
    words.rest.reverse();
    let value = words.alternatives();
    value && words.rest.is_empty()
}

/// The words of an expression, the next one last.
struct Words<'a> {
    rest: Vec<&'a str>,
    allowed: &'a [&'a str],
}

impl Words<'_> {
    fn alternatives(&mut self) -> bool {
        let mut value = self.conjunction();
        while self.takes("OR") {
            value |= self.conjunction();
        }
        value
    }

    fn conjunction(&mut self) -> bool {
        let mut value = self.licence();
        while self.takes("AND") {
            value &= self.licence();
        }
        value
    }

    fn licence(&mut self) -> bool {
        if self.takes("(") {
            let value = self.alternatives();
            return self.takes(")") && value;
        }
        let Some(name) = self.rest.pop() else { return false };
        if !self.takes("WITH") {
            return self.allowed.contains(&name);
        }
        let exception = self.rest.pop().unwrap_or_default();
        self.allowed.contains(&format!("{name} WITH {exception}").as_str())
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_next = self.rest.last() == Some(&word);
        if is_next {
            self.rest.pop();
        }
        is_next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "[licenses]\nallow = [\"MIT\", \"Apache-2.0\", \"Apache-2.0 WITH LLVM-exception\"]\n\
                         [sources]\nallow-registry = [\"https://registry.test\"]\n";

    fn check_package(row: &str, licence: Option<&str>, source: &str, expected: &[&str]) {
        let package = Package {
            name: "a".into(),
            version: "1.0.0".into(),
            licence: licence.map(str::to_owned),
            source: source.into(),
            has_default_features: false,
        };
        let findings = check(&Tree::of(&[(FILE, RULES)]), &[package]);
        let says: Vec<&str> = findings.iter().map(|finding| finding.says.as_str()).collect();
        assert_eq!(says, expected, "{row}");
    }

    #[test]
    fn licences_are_held() {
        let registry = "registry+https://registry.test";
        let check = |expression: &str, allowed: bool| {
            let says = format!("`a v1.0.0` has the licence {expression}.");
            let expected: &[&str] = if allowed { &[] } else { &[&says] };
            check_package(expression, Some(expression), registry, expected);
        };
        check("MIT", true);
        check("GPL-3.0", false);
        check("MIT OR GPL-3.0", true);
        check("GPL-3.0/MIT", true);
        check("MIT AND GPL-3.0", false);
        check("MIT AND Apache-2.0 OR GPL-3.0", true);
        check("GPL-3.0 OR MIT AND LGPL-2.1", false);
        check("(MIT OR LGPL-2.1) AND Apache-2.0", true);
        check("(MIT OR Apache-2.0) AND LGPL-2.1", false);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("MIT WITH some-exception", false);
        check("MIT OR", true);
        check("(MIT", false);
        check("MIT MIT", false);
        check("", false);
        check_package("no licence", None, registry, &["`a v1.0.0` names no licence."]);
    }

    #[test]
    fn sources_are_held() {
        for source in ["registry+https://elsewhere.test", "git+https://registry.test"] {
            check_package(source, Some("MIT"), source, &[&format!("`a v1.0.0` comes from {source}.")]);
        }
    }

    #[test]
    fn without_the_file_the_fix_is_told() {
        assert!(check(&Tree::default(), &[])[0].to_string().contains("write it"));
    }
}
