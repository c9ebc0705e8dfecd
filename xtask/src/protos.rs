//! The contract, compiled: every `.proto` file below `contracts/protos`, in pure Rust.

use anyhow::{Context, Result};
use prost::Message;
use prost_types::FileDescriptorSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of the contract below `root`, compiled with comments, in dependency order.
pub fn compile(root: &Path) -> Result<FileDescriptorSet> {
    let protos = root.join("contracts/protos");
    let mut files = Vec::new();
    collect(&protos, &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([&protos])?;
    compiler.include_imports(true).include_source_info(true).open_files(files)?;
    Ok(compiler.file_descriptor_set())
}

/// Writes the whole contract as one `FileDescriptorSet`.
pub fn write_descriptor_set(root: &Path, file: &Path) -> Result<()> {
    let set = without_source_info(compile(root)?);
    fs::write(file, set.encode_to_vec()).with_context(|| format!("writing {}", file.display()))
}

/// The same set without comments and positions, which only generated code wants.
pub fn without_source_info(mut set: FileDescriptorSet) -> FileDescriptorSet {
    for file in &mut set.file {
        file.source_code_info = None;
    }
    set
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|ending| ending == "proto") {
            into.push(path);
        }
    }
    Ok(())
}
