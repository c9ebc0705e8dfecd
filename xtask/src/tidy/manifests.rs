//! The workspace's crates, read from their manifests.

use super::finding::Finding;
use super::tree::{Tree, numbered};
use toml::{Table, Value};

/// One crate of the workspace.
#[derive(Debug)]
pub struct Crate {
    pub name: String,
    /// From the root, such as `crates/wire-json`.
    pub folder: String,
    pub manifest: Table,
    pub dependencies: Vec<Dependency>,
}

/// One line of a `dependencies` table, whichever.
#[derive(Debug)]
pub struct Dependency {
    /// The package's own name, even where the manifest renames it.
    pub package: String,
    /// Line in the manifest, from 1.
    pub line: Option<usize>,
    pub value: Value,
}

impl Crate {
    /// The manifest's path from the root.
    pub fn manifest_path(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// All crates in the order of their folders, and a finding for each manifest that cannot be read.
pub fn read(tree: &Tree) -> (Vec<Crate>, Vec<Finding>) {
    let (mut crates, mut findings) = (Vec::new(), Vec::new());
    for (path, text) in tree.files() {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
        match read_one(folder, text) {
            Ok(found) => crates.extend(found),
            Err(says) => findings.push(Finding::error("manifest", path, None, says, "make it valid TOML.")),
        }
    }
    (crates, findings)
}

fn read_one(folder: &str, text: &str) -> Result<Option<Crate>, String> {
    let manifest: Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    // A workspace of its own, as fuzz/ is, has its own rules.
    if manifest.contains_key("workspace") {
        return Ok(None);
    }
    let Some(name) = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str)
    else {
        return Ok(None);
    };
    let dependencies = dependency_tables(&manifest)
        .into_iter()
        .flatten()
        .map(|(key, value)| Dependency {
            package: value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned(),
            line: line_of_key(text, key),
            value: value.clone(),
        })
        .collect();
    Ok(Some(Crate { name: name.to_owned(), folder: folder.to_owned(), dependencies, manifest }))
}

/// Every kind of dependency counts: what only a test needs is compiled and read all the same.
fn dependency_tables(manifest: &Table) -> Vec<&Table> {
    const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
    let targets = manifest.get("target").and_then(Value::as_table);
    let for_targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let holders = std::iter::once(manifest).chain(for_targets);
    holders
        .flat_map(|holder| KINDS.iter().filter_map(|kind| holder.get(*kind).and_then(Value::as_table)))
        .collect()
}

/// The first line that sets `key`: `key = …`, `key.workspace = …` or `[….key]`.
pub fn line_of_key(text: &str, key: &str) -> Option<usize> {
    let sets_key = |line: &str| {
        let line = line.trim_start();
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
            || line.trim_end().ends_with(&format!(".{key}]"))
    };
    numbered(text).find(|(_, line)| sets_key(line)).map(|(number, _)| number)
}

/// A made-up crate with these dependencies.
#[cfg(test)]
pub fn made_up(folder: &str, dependencies: &[&str]) -> Crate {
    let name = folder.rsplit('/').next().unwrap();
    let lines: String = dependencies.iter().map(|name| format!("{name}.workspace = true\n")).collect();
    read_one(folder, &format!("[package]\nname = \"{name}\"\n[dependencies]\n{lines}")).unwrap().unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_dependency_is_found_with_its_line() {
        let manifest = r#"[package]
name = "one"
[dependencies]
plain.workspace = true
renamed = { package = "real", workspace = true }
[dev-dependencies]
tested = { workspace = true }
[target.'cfg(unix)'.dependencies]
unixy.workspace = true
[build-dependencies.built]
workspace = true
"#;
        let (crates, findings) = read(&Tree::of(&[("crates/one/Cargo.toml", manifest), ("Cargo.toml", "")]));
        assert!(findings.is_empty());
        let found: Vec<(&str, Option<usize>)> =
            crates[0].dependencies.iter().map(|found| (found.package.as_str(), found.line)).collect();
        assert_eq!(
            found,
            [
                ("plain", Some(4)),
                ("real", Some(5)),
                ("tested", Some(7)),
                ("built", Some(10)),
                ("unixy", Some(9))
            ]
        );
        assert_eq!((crates[0].name.as_str(), crates[0].folder.as_str()), ("one", "crates/one"));
    }

    #[test]
    fn a_broken_manifest_is_a_finding() {
        let (crates, findings) = read(&Tree::of(&[("crates/one/Cargo.toml", "[package")]));
        assert!(crates.is_empty());
        assert_eq!(super::super::finding::places(&findings), ["manifest crates/one/Cargo.toml"]);
    }
}
