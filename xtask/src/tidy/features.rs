//! Rule 4: no dependency brings features that nobody asked for, and every crate inherits versions and lints.

use super::cargo::Package;
use super::finding::Finding;
use super::manifests::{Crate, Dependency, line_of_key};
use super::tree::Tree;
use toml::{Table, Value};

const RULE: &str = "default-features";
const ROOT: &str = "Cargo.toml";

/// Every dependency of the workspace switches default features off, if it has any.
pub fn check_workspace(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let text = tree.text(ROOT).unwrap_or_default();
    let manifest: Table = match text.parse() {
        Ok(manifest) => manifest,
        Err(_) => return vec![Finding::error(RULE, ROOT, None, "not valid TOML.", "correct it.")],
    };
    let dependencies = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let Some(dependencies) = dependencies.and_then(Value::as_table) else {
        let fix = "name every dependency there, once.";
        return vec![Finding::error(RULE, ROOT, None, "there is no [workspace.dependencies].", fix)];
    };
    let brings_defaults = |(name, value): &(&String, &Value)| {
        let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
        value.get("path").is_none() && !switched_off(value) && has_default_features(packages, package)
    };
    let finding = |(name, _): (&String, &Value)| {
        let says = format!("`{name}` brings its default features.");
        let fix = "add `default-features = false` and switch on what is needed.";
        Finding::error(RULE, ROOT, line_of_key(text, name), says, fix)
    };
    dependencies.iter().filter(brings_defaults).map(finding).collect()
}

fn has_default_features(packages: &[Package], name: &str) -> bool {
    packages.iter().any(|package| package.name == name && package.has_default_features)
}

/// Crates take versions and lints from the workspace, and do not switch defaults on again.
pub fn check_crates(tree: &Tree, crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for found in crates {
        let path = found.manifest_path();
        let error = |line, says: String, fix: &str| Finding::error(RULE, &path, line, says, fix);
        if found.manifest.get("lints").and_then(|lints| lints.get("workspace")) != Some(&Value::Boolean(true))
        {
            let line = tree.text(&path).and_then(|text| line_of_key(text, "name"));
            findings.push(error(
                line,
                "the workspace's lints are not inherited.".into(),
                "add `[lints] workspace = true`.",
            ));
        }
        for dependency in &found.dependencies {
            findings.extend(wrong_in(dependency).map(|(says, fix)| error(dependency.line, says, fix)));
        }
    }
    findings
}

fn wrong_in(dependency: &Dependency) -> Option<(String, &'static str)> {
    let value = &dependency.value;
    let asks_for_defaults = value.get("default-features") == Some(&Value::Boolean(true))
        || value
            .get("features")
            .and_then(Value::as_array)
            .is_some_and(|all| all.contains(&Value::from("default")));
    if value.get("workspace") != Some(&Value::Boolean(true)) {
        let says = format!("`{}` does not come from the workspace.", dependency.package);
        return Some((
            says,
            "name it in the root's [workspace.dependencies] and say `workspace = true` here.",
        ));
    }
    asks_for_defaults.then(|| {
        (
            format!("`{}` switches default features on.", dependency.package),
            "name the features that are needed.",
        )
    })
}

fn switched_off(value: &Value) -> bool {
    value.get("default-features") == Some(&Value::Boolean(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::places;
    use crate::tidy::manifests;

    fn package(name: &str, has_default_features: bool) -> Package {
        let (name, version, source) = (name.to_owned(), "1.0.0".to_owned(), "registry+x".to_owned());
        Package { name, version, licence: None, source, has_default_features }
    }

    #[test]
    fn the_workspace_switches_defaults_off() {
        let check = |row: &str, line: &str, expected: &[&str]| {
            let tree = Tree::of(&[(ROOT, &format!("[workspace.dependencies]\n{line}\n"))]);
            let packages = [package("large", true), package("small", false)];
            assert_eq!(places(&check_workspace(&tree, &packages)), expected, "{row}");
        };
        let second_line = ["default-features Cargo.toml:2"];
        check("switched off", "large = { version = \"1\", default-features = false }", &[]);
        check("left on", "large = { version = \"1\" }", &second_line);
        check("only a version", "large = \"1\"", &second_line);
        check("switched on", "large = { version = \"1\", default-features = true }", &second_line);
        check("renamed", "big = { package = \"large\", version = \"1\" }", &second_line);
        check("nothing to switch off", "small = \"1\"", &[]);
        check("our own", "large = { path = \"crates/large\" }", &[]);
    }

    #[test]
    fn crates_inherit() {
        let check = |row: &str, manifest: &str, expected: &[&str]| {
            let tree =
                Tree::of(&[("crates/a/Cargo.toml", &format!("[package]\nname = \"a\"\n{manifest}\n"))]);
            assert_eq!(places(&check_crates(&tree, &manifests::read(&tree).0)), expected, "{row}");
        };
        let lints = "[lints]\nworkspace = true\n[dependencies]\n";
        check("everything inherited", &format!("{lints}x = {{ workspace = true, features = [\"y\"] }}"), &[]);
        check("no lints", "", &["default-features crates/a/Cargo.toml:2"]);
        let sixth_line = ["default-features crates/a/Cargo.toml:6"];
        check("a version of its own", &format!("{lints}x = \"1\""), &sixth_line);
        check(
            "defaults on again",
            &format!("{lints}x = {{ workspace = true, default-features = true }}"),
            &sixth_line,
        );
        check(
            "defaults by name",
            &format!("{lints}x = {{ workspace = true, features = [\"default\"] }}"),
            &sixth_line,
        );
    }
}
