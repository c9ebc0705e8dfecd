//! The agent as it ships: `-p magmad` alone, with the profile `tiny`, and linked as docs/decisions/0006 says.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// For every crate of it: names of functions that tell the types that they are made for, by which apart-gcc knows them.
pub const SYMBOL_NAMES: &str = "-Csymbol-mangling-version=v0";

/// With what the agent is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// All features.
    Full,
    /// None: no services within the agent.
    Core,
}

/// Builds the agent with its symbols, which are otherwise stripped.
pub fn with_symbols(root: &Path) -> Result<PathBuf> {
    let program = build(root, Variant::Full, &["--config=profile.tiny.strip=\"none\""])?;
    let kept = program.with_file_name("magmad-symbols");
    std::fs::copy(&program, &kept).with_context(|| format!("copying to {}", kept.display()))?;
    Ok(kept)
}

/// Builds the agent. Where the program lies depends on the variant, so that one does not replace the other.
pub fn agent(root: &Path, variant: Variant) -> Result<PathBuf> {
    let features: &[&str] = if variant == Variant::Core { &["--no-default-features"] } else { &[] };
    let program = build(root, variant, features)?;
    if variant == Variant::Full {
        return Ok(program);
    }
    let core = program.with_file_name("magmad-core");
    std::fs::copy(&program, &core).with_context(|| format!("copying to {}", core.display()))?;
    Ok(core)
}

fn build(root: &Path, variant: Variant, arguments: &[&str]) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["rustc", "-p", "magmad", "--bin", "magmad", "--profile", "tiny", "--locked"])
        .args(arguments);
    command.arg(format!("--config=build.rustflags=[\"{SYMBOL_NAMES}\"]"));
    command.args(["--message-format=json-render-diagnostics", "--"]).args(linking(root, variant)?);
    let build = command.current_dir(root).stderr(Stdio::inherit()).output().context("starting cargo")?;
    if !build.status.success() {
        bail!("magmad does not build with the profile `tiny` {arguments:?}");
    }
    let program = executable(&String::from_utf8(build.stdout)?, "magmad");
    program.context("magmad builds no program, only a library")
}

/// Arguments for the compiler: no unwind tables, packed relocations, what an idle agent does not run apart from the
/// rest, and, where the compiler brings its own linker, equal functions once, in an order that packs well. The core is
/// for machines whose flash is what they lack: nothing is put apart in it, which packs better.
pub fn linking(root: &Path, variant: Variant) -> Result<Vec<String>> {
    let folder = root.join("apps/magmad/linking");
    let mut arguments = vec![
        format!("-Clink-arg=-Wl,-T,{}", folder.join("no-unwind-tables.ld").display()),
        "-Clink-arg=-Wl,--no-eh-frame-hdr,-z,pack-relative-relocs".to_owned(),
    ];
    if variant == Variant::Full {
        arguments.push(format!("-Clinker={}", folder.join("apart-gcc").display()));
        arguments.push(format!("-Cmetadata={:x}", content_hash(&folder)));
    }
    let lld = rust_libraries()?.join("x86_64-unknown-linux-gnu/bin/gcc-ld");
    if cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")) && lld.is_dir() {
        // rustc does not name it by itself where it is told what links.
        arguments.push(format!("-Clink-args=-B{} -fuse-ld=lld", lld.display()));
        arguments.push("-Clink-arg=-Wl,--icf=all,-O2,--bp-compression-sort=both".to_owned());
    }
    Ok(arguments)
}

/// The folder with what the compiler brings for each target.
pub fn rust_libraries() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).stderr(Stdio::inherit()).output();
    let output = output.context("starting rustc")?;
    if !output.status.success() {
        bail!("rustc does not tell where its libraries are");
    }
    Ok(Path::new(String::from_utf8(output.stdout)?.trim()).join("lib/rustlib"))
}

/// Of the files by which the agent is linked: cargo does not look at them to see whether it has to link anew.
fn content_hash(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in ["apart-gcc", "cold-functions.txt", "no-unwind-tables.ld"] {
        std::fs::read(folder.join(file)).ok().hash(&mut hasher);
    }
    hasher.finish()
}

/// A package's program among cargo's messages, which are one JSON object a line.
pub fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs = messages.filter(|message| message["target"]["name"] == name);
    programs.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages() {
        let library = r#"{"reason":"compiler-artifact","target":{"name":"magmad"},"executable":null}"#;
        let program = r#"{"reason":"compiler-artifact","target":{"name":"magmad"},"executable":"/t/magmad"}"#;
        let other = r#"{"reason":"compiler-artifact","target":{"name":"build-script"},"executable":"/t/b"}"#;
        let messages = |lines: &[&str]| executable(&lines.join("\n"), "magmad");
        assert_eq!(messages(&[other, library, program, "not JSON"]), Some(PathBuf::from("/t/magmad")));
        assert_eq!(messages(&[other, library]), None);
    }
}
