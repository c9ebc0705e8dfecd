//! `cargo xtask package`: the agent as it is installed: a static program, a Debian package, an OCI image.
//!
//! Everything is written to `target/package`. What is only prepared, the OpenWrt recipe, lies in `deploy`.

#[cfg(test)]
mod chart;
mod check;
pub mod deb;
mod oci;
pub mod orchestrator;
#[cfg(test)]
mod recipe;

pub use check::check;

use crate::agent;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Where packages go, from the workspace's root.
const FOLDER: &str = "target/package";

/// Writes the static program, and returns where it is.
pub fn program(root: &Path) -> Result<PathBuf> {
    let folder = folder(root)?;
    let built = agent::whole(root, None)?;
    let program = folder.join("magmad");
    fs::copy(&built.file, &program).with_context(|| format!("copying {}", built.file.display()))?;
    copy_folder(&root.join("deploy/defaults"), &folder.join("defaults"))?;
    println!("{} ({}, static)", program.display(), built.target);
    Ok(program)
}

/// Writes the static program for another machine, and its architecture behind its name, as upgrades have it.
pub fn program_for(root: &Path, target: &str) -> Result<()> {
    let built = agent::whole(root, Some(target))?;
    let architecture = target.split('-').next().unwrap_or(target);
    let program = folder(root)?.join(format!("magmad.{architecture}"));
    fs::copy(&built.file, &program).with_context(|| format!("copying {}", built.file.display()))?;
    println!("{} ({target}, static)", program.display());
    Ok(())
}

/// Writes the Debian package.
pub fn debian(root: &Path) -> Result<()> {
    let program = program(root)?;
    debian_of(root, &program).map(drop)
}

fn debian_of(root: &Path, program: &Path) -> Result<PathBuf> {
    let package = deb::build(root, &deb::MAGMAD, program, env!("CARGO_PKG_VERSION"), &folder(root)?)?;
    println!("{}", package.display());
    Ok(package)
}

/// Writes the OCI image, as an archive that `docker load`, `podman load` and `skopeo` read.
pub fn oci(root: &Path) -> Result<()> {
    let program = program(root)?;
    let archive = folder(root)?.join(format!("magmad_{}_oci.tar", env!("CARGO_PKG_VERSION")));
    let image = oci::Image {
        files: vec![oci::FileIn {
            path: "usr/bin/magmad".to_owned(),
            contents: fs::read(&program)?,
            mode: 0o755,
        }]
        .into_iter()
        .chain(defaults(root)?)
        .collect(),
        architecture: oci::architecture(),
    };
    fs::write(&archive, image.to_archive()?)?;
    println!("{}", archive.display());
    Ok(())
}

fn defaults(root: &Path) -> Result<Vec<oci::FileIn>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join("deploy/defaults"))? {
        let entry = entry?;
        let path = format!("etc/magma/{}", entry.file_name().to_string_lossy());
        files.push(oci::FileIn { path, contents: fs::read(entry.path())?, mode: 0o644 });
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn folder(root: &Path) -> Result<PathBuf> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// Copies the files of a folder without subfolders.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
