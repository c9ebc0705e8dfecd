//! The agent as one static program: musl where Rust's standard library for it is installed, else a static glibc.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::budget::{SYMBOL_NAMES, Variant, executable, linking, rust_libraries};

/// A program that was built.
pub struct Built {
    /// Where it is.
    pub file: PathBuf,
    /// The target triple.
    pub target: String,
}

/// Builds it for a target triple, or for this machine's architecture. Another one's linker and C compiler come from the
/// environment, as cargo and the crate `cc` read it.
pub fn build(root: &Path, target: Option<&str>) -> Result<Built> {
    let own = own_target()?;
    let target = target.unwrap_or(&own).to_owned();
    // Another machine's linker may not know the words of this one's, and the objects that come with Rust's musl need
    // their unwind tables.
    let linking =
        if target == own && own.ends_with("-gnu") { linking(root, Variant::Full)? } else { Vec::new() };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["rustc", "-p", "magmad", "--bin", "magmad", "--profile", "tiny", "--locked", "--target"]);
    command.arg(&target);
    // For glibc, static linking is a property of every crate in the program.
    command.arg(format!(
        "--config=target.{target}.rustflags=[\"-Ctarget-feature=+crt-static\",\"{SYMBOL_NAMES}\"]"
    ));
    command.args(["--message-format=json-render-diagnostics", "--"]).args(linking);
    for (variable, format) in [("MAGMAD_COMMIT", "%H"), ("MAGMAD_COMMIT_DATE", "%cI")] {
        command.envs(of_the_commit(root, format).map(|text| (variable, text)));
    }
    let build = command.current_dir(root).stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !build.status.success() {
        bail!("magmad does not build for {target}");
    }
    let file = executable(&String::from_utf8(build.stdout)?, "magmad").context("magmad builds no program")?;
    Ok(Built { file, target })
}

/// What git says of the commit, which `magmad version` then tells; nothing outside of a repository.
fn of_the_commit(root: &Path, format: &str) -> Option<String> {
    let format = format!("--format={format}");
    let output = Command::new("git").args(["log", "-1", &format]).current_dir(root).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}

/// The target triple for a static program here.
fn own_target() -> Result<String> {
    let architecture = std::env::consts::ARCH;
    let musl = format!("{architecture}-unknown-linux-musl");
    let installed = rust_libraries()?.join(&musl).is_dir();
    Ok(if installed { musl } else { format!("{architecture}-unknown-linux-gnu") })
}
