//! Which entries of the stored `gateway.mconfig` the services run with, kept beside it as `gateway.mconfig.applied`.
//!
//! A crash between storing a document and restarting its services must not lose the restarts: on the next start, what
//! is stored is compared with what was applied.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::GatewayMconfig;
use crate::atomic_file;

const MODE: u32 = 0o644;

/// The file's own version.
const VERSION: u64 = 1;

/// A file of this kind has some twenty short lines.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The digests of entries, by service.
pub type Digests = BTreeMap<String, String>;

/// The file.
#[derive(Clone, Debug)]
pub struct AppliedFile(PathBuf);

impl AppliedFile {
    /// The file beside the stored document.
    pub fn beside(stored: &Path) -> Self {
        Self(stored.with_extension("mconfig.applied"))
    }

    /// What was applied; none when nothing is known: then nothing can be missing either.
    pub fn load(&self) -> Option<Digests> {
        let small = fs::metadata(&self.0).is_ok_and(|file| file.len() <= FILE_BYTES_MAX);
        let bytes = small.then(|| fs::read(&self.0).ok())??;
        let document: Value = serde_json::from_slice(&bytes).ok()?;
        if document.get("version").and_then(Value::as_u64) != Some(VERSION) {
            return None;
        }
        let entries = document.get("entries")?.as_object()?.iter();
        Some(entries.filter_map(|(key, digest)| Some((key.clone(), digest.as_str()?.to_owned()))).collect())
    }

    /// Keeps what was applied; writes nothing when it is kept already.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn save(&self, digests: &Digests) -> io::Result<()> {
        if self.load().as_ref() == Some(digests) {
            return Ok(());
        }
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let document = json!({"version": VERSION, "entries": digests});
        atomic_file::replace(&self.0, document.to_string().as_bytes(), MODE)
    }
}

impl GatewayMconfig {
    /// A digest of each entry. It tells contents apart that differ by accident, not by malice.
    pub fn digests(&self) -> Digests {
        let entry = |key: &str| Some((key.to_owned(), digest(self.get(key)?)));
        self.keys().filter_map(entry).collect()
    }

    /// The entries that were changed, added or removed since `applied`.
    pub fn changed_since(&self, applied: &Digests) -> BTreeSet<String> {
        let now = self.digests();
        let all = now.keys().chain(applied.keys());
        all.filter(|key| now.get(*key) != applied.get(*key)).cloned().collect()
    }
}

/// FNV-1a, 64 bits, of the entry's JSON with its keys sorted.
fn digest(entry: &Value) -> String {
    let mut sorted = entry.clone();
    sorted.sort_all_objects();
    let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", sorted.to_string().bytes().fold(0xcbf2_9ce4_8422_2325, fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mconfig(entries: &str) -> GatewayMconfig {
        GatewayMconfig::parse(format!("{{\"configsByKey\": {{{entries}}}}}").as_bytes()).unwrap()
    }

    #[test]
    fn changes_are_seen_against_what_was_applied() {
        let folder = tempfile::tempdir().unwrap();
        let file = AppliedFile::beside(&folder.path().join("gateway.mconfig"));
        assert_eq!(file.load(), None);
        let before = mconfig(r#""mme": {"a": 1, "b": 2}, "eventd": {"x": 1}, "s8": {}"#);
        file.save(&before.digests()).unwrap();
        let applied = file.load().unwrap();
        assert!(before.changed_since(&applied).is_empty());
        let same = mconfig(r#""s8": {}, "eventd": {"x": 1}, "mme": {"b": 2, "a": 1}"#);
        assert!(same.changed_since(&applied).is_empty(), "the order of keys is no change");
        let after = mconfig(r#""mme": {"a": 1, "b": 3}, "eventd": {"x": 1}, "magmad": {}"#);
        let changed: Vec<String> = after.changed_since(&applied).into_iter().collect();
        assert_eq!(changed, ["magmad", "mme", "s8"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = AppliedFile::beside(&folder.path().join("gateway.mconfig"));
        for garbage in ["", "x", "{}", r#"{"version": 2, "entries": {}}"#, r#"{"version": 1}"#] {
            fs::write(folder.path().join("gateway.mconfig.applied"), garbage).unwrap();
            assert_eq!(file.load(), None, "{garbage}");
        }
    }

    #[test]
    fn what_is_kept_already_is_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = AppliedFile::beside(&folder.path().join("gateway.mconfig"));
        file.save(&mconfig(r#""mme": {}"#).digests()).unwrap();
        let written = || fs::metadata(folder.path().join("gateway.mconfig.applied")).unwrap();
        let before = std::os::unix::fs::MetadataExt::ino(&written());
        file.save(&mconfig(r#""mme": {}"#).digests()).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::ino(&written()), before);
    }
}
