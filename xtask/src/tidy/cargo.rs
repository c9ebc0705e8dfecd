//! What only cargo knows: the resolved dependencies and their features.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The crates of the dependency graph that switch features on by default.
pub fn crates_with_default_features(root: &Path) -> Result<BTreeSet<String>> {
    let metadata: Value = serde_json::from_str(&run(root, &["metadata", "--format-version", "1"])?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let has_defaults = |package: &&Value| {
        package["features"]["default"].as_array().is_some_and(|defaults| !defaults.is_empty())
    };
    let name = |package: &Value| package["name"].as_str().map(str::to_owned);
    Ok(packages.iter().filter(has_defaults).filter_map(name).collect())
}

/// Name and version of everything that is compiled into `package`, sorted, itself left out.
pub fn normal_dependencies(root: &Path, package: &str) -> Result<Vec<String>> {
    let tree = run(root, &["tree", "-p", package, "-e", "normal", "--prefix", "none", "--format", "{p}"])?;
    let itself = format!("{package} v");
    let found: BTreeSet<String> =
        tree.lines().filter(|line| !line.starts_with(&itself)).filter_map(name_and_version).collect();
    Ok(found.into_iter().collect())
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
}
