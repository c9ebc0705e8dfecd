//! `cargo xtask tidy`: holds the rules of the house, which no compiler checks.
//!
//! Each rule is a pure function from the tree of files to findings, in a file of its own with its tests. Only `tree`,
//! `cargo` and this file touch the disk or start programs.

mod cargo;
mod code_map;
mod dependency_list;
mod feature_matrix;
mod features;
mod finding;
mod layers;
mod library_reasons;
mod licences;
mod manifests;
mod owned_libraries;
mod rust_code;
mod sources;
mod tracked_text;
mod tree;

use crate::{codegen, command_line, contract};
use anyhow::{Result, bail};
use finding::{Finding, Weight};
use std::path::Path;
use tree::Tree;

/// The agent whose dependencies are counted.
const AGENT: &str = "magmad";
/// The Orchestrator, whose console shows what it is made of.
const ORCHESTRATOR: &str = "orc8r";

/// Runs every rule and prints what it finds. Fails when there is an error; questions do not fail.
pub fn check(root: &Path) -> Result<()> {
    let tree = Tree::load(root)?;
    let mut findings = rules_on(&tree, root)?;
    findings.extend(from_failure("generated-code", codegen::check(root)));
    findings.extend(from_failure("contract", contract::check(root)));
    findings.extend(command_line_pages(root));
    for finding in &findings {
        println!("{finding}");
    }
    let errors = findings.iter().filter(|finding| finding.weight == Weight::Error).count();
    println!("tidy: {} files, {errors} errors, {} questions", tree.len(), findings.len() - errors);
    if errors > 0 {
        bail!("the tree is not tidy: {errors} errors");
    }
    Ok(())
}

/// Rewrites the committed dependency lists: what the agent and the Orchestrator depend on now is accepted.
pub fn accept(root: &Path) -> Result<()> {
    for (file, lines) in dependency_lists(root, &cargo::foreign_packages(root)?)? {
        std::fs::write(root.join(file), dependency_list::to_text(&lines))?;
        println!("tidy: {} dependencies accepted in {file}", lines.len());
    }
    Ok(())
}

/// The committed lists with what they have to be.
fn dependency_lists(root: &Path, packages: &[cargo::Package]) -> Result<[(&'static str, Vec<String>); 2]> {
    let of_orchestrator = cargo::normal_dependencies(root, ORCHESTRATOR)?;
    Ok([
        (dependency_list::FILE, cargo::normal_dependencies(root, AGENT)?),
        (dependency_list::LICENCES_FILE, dependency_list::with_licences(&of_orchestrator, packages)),
    ])
}

fn rules_on(tree: &Tree, root: &Path) -> Result<Vec<Finding>> {
    let packages = cargo::foreign_packages(root)?;
    let (crates, mut findings) = manifests::read(tree);
    findings.extend(layers::check(&crates));
    findings.extend(owned_libraries::check(tree, &crates));
    findings.extend(features::check_crates(tree, &crates));
    findings.extend(features::check_workspace(tree, &packages));
    findings.extend(licences::check(tree, &packages));
    findings.extend(library_reasons::check(tree, &crates));
    findings.extend(sources::check(tree));
    findings.extend(tracked_text::check(tree));
    findings.extend(code_map::check(tree, &crates));
    findings.extend(feature_matrix::check(tree));
    for (file, lines) in dependency_lists(root, &packages)? {
        findings.extend(dependency_list::check(tree, file, &lines));
    }
    Ok(findings)
}

/// What is written from the agent's table of commands.
fn command_line_pages(root: &Path) -> Option<Finding> {
    let rule = "command-line";
    let error = command_line::check(root).err()?;
    Some(Finding::error(rule, "crates/magma-command-line/src/magmad.rs", None, format!("{error:#}."), ""))
}

/// A check of another command, as a finding.
fn from_failure(rule: &'static str, result: Result<()>) -> Option<Finding> {
    result.err().map(|error| Finding::error(rule, "contracts", None, format!("{error:#}"), ""))
}
