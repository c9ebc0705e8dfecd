//! The project's own chores, in Rust so that they need nothing but the toolchain.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod agent;
mod bench;
mod budget;
mod codegen;
mod command_line;
mod contract;
mod package;
mod protos;
mod sign_upgrade;
mod systemd_check;
mod tidy;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  bench [--small]         measure the Orchestrator under a fleet of gateways (--small: a hundredth, errors only)
  budget [--sizes]        measure the agent and hold it against its budgets (--sizes: only how large it is)
  codegen [--check]       write the generated code from contracts/protos (--check: only say whether it is current)
  completions             write the completions of agent and Orchestrator for shells from their commands
  contract [--accept]     compare the protos with contracts/contract.tsv (--accept: write it)
  descriptor-set FILE     write the contract's FileDescriptorSet to FILE
  man                     write their man pages, docs/cli.md and docs/orc8r-cli.md from their commands
  package static|deb|oci  write the agent to target/package: a static program, a Debian package, an OCI image
  package static TARGET   write the static program for a target triple, such as aarch64-unknown-linux-musl
  package orc8r           write the Orchestrator's Debian package (of the release build)
  package orc8r-static    write the Orchestrator as a static program, for deploy/oci/Containerfile.orc8r
  package check           write the agent's program and both Debian packages, and look whether they are right
  sign-upgrade --new-key FILE
                          make a key pair for upgrades: FILE, which is secret, and FILE.pub
  sign-upgrade FOLDER KEY...
                          write the signed manifest of a folder that is named like its version
  systemd-check           run the Debian package under a real systemd, in namespaces (needs root)
  tidy [--accept]         hold the rules of the house (--accept: rewrite the lists of dependencies)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args.iter().map(String::as_str).collect::<Vec<_>>(), &workspace_root()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[&str], root: &Path) -> Result<()> {
    match args {
        ["bench"] => bench::run(root, bench::Scale::Full),
        ["bench", "--small"] => bench::run(root, bench::Scale::Small),
        ["budget"] => budget::check(root),
        ["budget", "--sizes"] => budget::check_sizes(root),
        ["codegen"] => codegen::write(root),
        ["codegen", "--check"] => codegen::check(root),
        ["completions"] => command_line::write_completions(root),
        ["contract"] => contract::check(root),
        ["contract", "--accept"] => contract::accept(root),
        ["descriptor-set", file] => protos::write_descriptor_set(root, Path::new(file)),
        ["man"] => command_line::write_man(root),
        ["package", "static"] => package::program(root).map(drop),
        ["package", "static", target] => package::program_for(root, target),
        ["package", "deb"] => package::debian(root),
        ["package", "orc8r"] => package::orchestrator::debian(root).map(drop),
        ["package", "orc8r-static"] => package::orchestrator::program(root).map(drop),
        ["package", "check"] => package::check(root),
        ["package", "oci"] => package::oci(root),
        ["sign-upgrade", "--new-key", file] => sign_upgrade::new_key(Path::new(file)),
        ["sign-upgrade", folder, keys @ ..] if !keys.is_empty() => {
            sign_upgrade::sign(keys, Path::new(folder))
        }
        ["systemd-check"] => systemd_check::check(root),
        ["tidy"] => tidy::check(root),
        ["tidy", "--accept"] => tidy::accept(root),
        _ => bail!("no such command.\n\n{USAGE}"),
    }
}

/// The workspace's root: this crate's parent.
fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("invariant: xtask lies in the workspace").to_owned()
}
