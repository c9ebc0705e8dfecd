//! The project's files as text, so that rules are functions of a value and their tests need no disk.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Text files by their path from the root, with `/` between the parts.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads every file that git tracks or would track; files that are not UTF-8 text are left out.
    pub fn load(root: &Path) -> Result<Self> {
        let list = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("starting git, which tells the project's files")?;
        if !list.status.success() {
            bail!("git ls-files failed: {}", String::from_utf8_lossy(&list.stderr).trim());
        }
        let mut tree = Self::default();
        for path in String::from_utf8(list.stdout)?.split_terminator('\0') {
            // A file that is gone from the disk is about to be gone from git too.
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                tree.files.insert(path.to_owned(), text);
            }
        }
        Ok(tree)
    }

    /// A made-up tree.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    /// All files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Our own Rust files: all but generated ones.
    pub fn rust_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(path, _)| path.ends_with(".rs") && !path.contains("/generated/"))
    }

    /// The text of one file, if it exists.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }
}

/// The lines of a text with their numbers, which count from 1.
pub fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
