//! The agent as it ships: `-p magmad` alone, with the profile `tiny`, and linked as docs/decisions/0006 says.
//!
//! It is one static program: with musl where Rust's library for it and a C compiler are installed, else with glibc,
//! which makes it larger. The core alone, for machines whose flash is what they lack, uses the machine's own libc.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program that was built.
pub struct Built {
    /// Where it is.
    pub file: PathBuf,
    /// The target triple.
    pub target: String,
}

impl Built {
    /// Whether it is linked with musl, as the agent's budgets suppose.
    pub fn has_musl(&self) -> bool {
        self.target.ends_with("-musl")
    }
}

/// Builds the whole agent for a target triple, or for this machine's architecture. Another one's linker and C compiler
/// come from the environment, as cargo and the crate `cc` read it.
pub fn whole(root: &Path, target: Option<&str>) -> Result<Built> {
    let own = own_target()?;
    let target = target.unwrap_or(&own).to_owned();
    // Another machine's linker may not know the words of this one's.
    let linking = if target == own { linking(root)? } else { Vec::new() };
    let mut command = cargo(root, &["--target", &target]);
    // For glibc, static linking is a property of every crate in the program.
    command.arg(format!("--config=target.{target}.rustflags=[\"-Ctarget-feature=+crt-static\"]"));
    for (variable, format) in [("MAGMAD_COMMIT", "%H"), ("MAGMAD_COMMIT_DATE", "%cI")] {
        command.envs(of_the_commit(root, format).map(|text| (variable, text)));
    }
    Ok(Built { file: built(command, &linking)?, target })
}

/// Builds the core alone: no services within the agent. It has a name of its own beside the whole agent's.
pub fn core(root: &Path) -> Result<PathBuf> {
    let program = built(cargo(root, &["--no-default-features"]), &linking(root)?)?;
    let core = program.with_file_name("magmad-core");
    std::fs::copy(&program, &core).with_context(|| format!("copying to {}", core.display()))?;
    Ok(core)
}

/// A package's program among cargo's messages, which are one JSON object a line.
pub fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs = messages.filter(|message| message["target"]["name"] == name);
    programs.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["rustc", "-p", "magmad", "--bin", "magmad", "--profile", "tiny", "--locked"]);
    command.args(arguments).current_dir(root).stderr(Stdio::inherit());
    command
}

fn built(mut cargo: Command, compiler_arguments: &[String]) -> Result<PathBuf> {
    cargo.args(["--message-format=json-render-diagnostics", "--"]).args(compiler_arguments);
    let build = cargo.output().context("starting cargo")?;
    if !build.status.success() {
        bail!("magmad does not build: {cargo:?}");
    }
    executable(&String::from_utf8(build.stdout)?, "magmad")
        .context("magmad builds no program, only a library")
}

/// Arguments for the compiler: no unwind tables, packed relocations, and, where the compiler brings its own linker,
/// equal functions once, in an order that packs well.
fn linking(root: &Path) -> Result<Vec<String>> {
    let script = root.join("apps/magmad/linking/no-unwind-tables.ld");
    let mut arguments = vec![
        format!("-Clink-arg=-Wl,-T,{}", script.display()),
        "-Clink-arg=-Wl,--no-eh-frame-hdr,-z,pack-relative-relocs".to_owned(),
    ];
    if let Some(linker) = rust_linker()? {
        // rustc does not name it by itself for every target.
        arguments.push(format!("-Clink-args=-B{} -fuse-ld=lld", linker.display()));
        arguments.push("-Clink-arg=-Wl,--icf=all,-O2,--bp-compression-sort=both".to_owned());
    }
    Ok(arguments)
}

/// The folder of the linker that the compiler brings.
fn rust_linker() -> Result<Option<PathBuf>> {
    let folder = rust_libraries()?.join("x86_64-unknown-linux-gnu/bin/gcc-ld");
    let runs_here = cfg!(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"));
    Ok(Some(folder).filter(|folder| runs_here && folder.is_dir()))
}

/// The folder with what the compiler brings for each target.
fn rust_libraries() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).stderr(Stdio::inherit()).output();
    let output = output.context("starting rustc")?;
    if !output.status.success() {
        bail!("rustc does not tell where its libraries are");
    }
    Ok(Path::new(String::from_utf8(output.stdout)?.trim()).join("lib/rustlib"))
}

/// The target triple for a static program here; says what is missing where that is not with musl.
fn own_target() -> Result<String> {
    let architecture = std::env::consts::ARCH;
    let musl = format!("{architecture}-unknown-linux-musl");
    let has_library = rust_libraries()?.join(&musl).is_dir();
    // The names by which the crate `cc` finds it.
    let mut compilers = [format!("{architecture}-linux-musl-gcc"), "musl-gcc".to_owned()].into_iter();
    let own_compiler = std::env::var_os(format!("CC_{}", musl.replace('-', "_")));
    if has_library && (own_compiler.is_some() || compilers.any(|name| runs(&name))) {
        return Ok(musl);
    }
    println!(
        "the agent is linked with glibc, which makes it larger: for musl, `rustup target add {musl}` and install \
         musl-gcc (Debian's package musl-tools)"
    );
    Ok(format!("{architecture}-unknown-linux-gnu"))
}

fn runs(program: &str) -> bool {
    let tried = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// What git says of the commit, which `magmad version` then tells; nothing outside of a repository.
fn of_the_commit(root: &Path, format: &str) -> Option<String> {
    let format = format!("--format={format}");
    let output = Command::new("git").args(["log", "-1", &format]).current_dir(root).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
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
