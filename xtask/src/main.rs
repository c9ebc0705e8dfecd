//! The project's own chores, in Rust so that they need nothing but the toolchain.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod codegen;

use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  codegen [--check]       write the generated code from contracts/protos (--check: only say whether it is current)
  descriptor-set FILE     write the contract's FileDescriptorSet to FILE
";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["codegen"] => codegen::write(&root()),
        ["codegen", "--check"] => codegen::check(&root()),
        ["descriptor-set", file] => codegen::descriptor_set(&root(), Path::new(file)),
        _ => bail!("{USAGE}"),
    }
}

/// The workspace's root: this crate's parent.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("invariant: xtask lies in the workspace").to_owned()
}
