//! What only cargo knows: the resolved packages and the dependency tree.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// A package of the dependency graph that is not ours.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// The licence expression that its manifest gives.
    pub licence: Option<String>,
    /// Where cargo has it from, such as `registry+https://…`.
    pub source: String,
    /// Whether it switches features on unless told otherwise.
    pub has_default_features: bool,
}

/// Every package of the dependency graph, for all platforms and all kinds of dependencies, that is not ours.
pub fn foreign_packages(root: &Path) -> Result<Vec<Package>> {
    packages(&run(root, &["metadata", "--format-version", "1"])?)
}

/// Name and version of everything that is compiled into `package`, sorted, itself left out.
pub fn normal_dependencies(root: &Path, package: &str) -> Result<Vec<String>> {
    let tree = run(root, &["tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}"])?;
    let itself = format!("{package} v");
    let found: BTreeSet<String> =
        tree.lines().filter(|line| !line.starts_with(&itself)).filter_map(name_and_version).collect();
    Ok(found.into_iter().collect())
}

fn packages(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let foreign = packages.iter().filter_map(|package| {
        Some(Package {
            name: text(&package["name"])?,
            version: text(&package["version"])?,
            licence: text(&package["license"]),
            source: text(&package["source"])?,
            has_default_features: package["features"]["default"]
                .as_array()
                .is_some_and(|all| !all.is_empty()),
        })
    });
    Ok(foreign.collect())
}

/// `serde v1.0.0 (/path) (*)` without what depends on the machine.
fn name_and_version(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}

fn run(root: &Path, arguments: &[&str]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root).output().context("starting cargo")?;
    if !output.status.success() {
        bail!("cargo {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_tree_loses_what_depends_on_the_machine() {
        for (line, expected) in [
            ("serde v1.0.0", "serde v1.0.0"),
            ("serde_derive v1.0.0 (proc-macro) (*)", "serde_derive v1.0.0"),
            ("wire-json v0.1.0 (/somewhere/crates/wire-json)", "wire-json v0.1.0"),
        ] {
            assert_eq!(name_and_version(line).as_deref(), Some(expected));
        }
        assert_eq!(name_and_version(""), None);
    }

    #[test]
    fn packages_of_ours_are_left_out() {
        let metadata = r#"{"packages": [
            {"name": "ours", "version": "0.1.0", "license": "BSD-3-Clause", "source": null, "features": {}},
            {"name": "a", "version": "1.0.0", "license": null, "source": "registry+x", "features": {"default": []}},
            {"name": "b", "version": "2.0.0", "license": "MIT", "source": "git+x", "features": {"default": ["std"]}}
        ]}"#;
        let packages = packages(metadata).unwrap();
        let names: Vec<(&str, bool)> =
            packages.iter().map(|package| (package.name.as_str(), package.has_default_features)).collect();
        assert_eq!(names, [("a", false), ("b", true)]);
        assert_eq!((packages[0].licence.as_deref(), packages[1].source.as_str()), (None, "git+x"));
    }
}
