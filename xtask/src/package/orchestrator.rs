//! The Orchestrator as it is installed: a Debian package of the release build, which uses the machine's libc, and a static
//! program for images.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::deb;
use crate::agent;

/// Writes the Debian package. The release build is that of the lab and of the measurements: only the program is linked anew.
pub fn debian(root: &Path) -> Result<PathBuf> {
    let program = built(root, &[])?;
    let package = deb::build(root, &deb::ORC8R, &program, env!("CARGO_PKG_VERSION"), &super::folder(root)?)?;
    println!("{}", package.display());
    Ok(package)
}

/// Writes the static program, which needs Rust's library for musl and a C compiler for it.
pub fn program(root: &Path) -> Result<PathBuf> {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let built = built(root, &["--target", &target])?;
    let program = super::folder(root)?.join("orc8r");
    fs::copy(&built, &program).with_context(|| format!("copying {}", built.display()))?;
    println!("{} ({target}, static)", program.display());
    Ok(program)
}

/// Builds the package, and fails when it is not as a machine needs it.
pub fn check(root: &Path) -> Result<()> {
    let package = debian(root)?;
    super::check::files(deb::ORC8R.name, &package)?;
    let unpacked = tempfile::tempdir()?;
    let done = Command::new("dpkg-deb").arg("--extract").arg(&package).arg(unpacked.path()).status()?;
    ensure!(done.success(), "dpkg-deb: {done}");
    let output = Command::new(unpacked.path().join("usr/bin/orc8r")).arg("--version").output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success() && said.starts_with(concat!("orc8r ", env!("CARGO_PKG_VERSION"))),
        "the program in {} says: {said}{}",
        package.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{} is as a machine needs it", package.display());
    Ok(())
}

fn built(root: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With the lab beside it, dependencies have the features that they have there, and are not built a second time.
    cargo
        .args(["build", "--release", "--locked", "-p", "orc8r", "-p", "lab", "--bin", "orc8r"])
        .args(arguments);
    cargo.arg("--message-format=json-render-diagnostics").current_dir(root).stderr(Stdio::inherit());
    let output = cargo.output().context("starting cargo")?;
    if !output.status.success() {
        bail!("orc8r does not build: {cargo:?}");
    }
    agent::executable(&String::from_utf8(output.stdout)?, "orc8r")
        .context("orc8r builds no program, only a library")
}
