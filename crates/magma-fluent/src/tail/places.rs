//! How far each followed file has been read, on disk across restarts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use magma_config::atomic_file;
use serde_json::{Value, json};

/// The largest file of places that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Device and inode: a file of the same name may be another one.
    pub(super) identity: (u64, u64),
    pub(super) offset: u64,
}

/// The places in all files.
#[derive(Debug, Default)]
pub(super) struct Places {
    places: BTreeMap<PathBuf, Place>,
    changed: bool,
}

impl Places {
    /// What an earlier run wrote down; nothing when that is missing or damaged.
    pub(super) fn load(path: &Path) -> Self {
        let mut text = Vec::new();
        let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut text));
        let document: Value = match read {
            Ok(_) => serde_json::from_slice(&text).unwrap_or_default(),
            Err(_) => Value::Null,
        };
        let place = |(path, place): (&String, &Value)| {
            let number = |key: &str| place.get(key)?.as_u64();
            let identity = (number("device")?, number("inode")?);
            Some((PathBuf::from(path), Place { identity, offset: number("offset")? }))
        };
        let places = document.as_object().into_iter().flatten().filter_map(place).collect();
        Self { places, changed: false }
    }

    pub(super) fn get(&self, path: &Path) -> Option<Place> {
        self.places.get(path).copied()
    }

    pub(super) fn set(&mut self, path: &Path, place: Place) {
        if self.get(path) != Some(place) {
            self.places.insert(path.to_owned(), place);
            self.changed = true;
        }
    }

    /// Forgets the others.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Path) -> bool) {
        let before = self.places.len();
        self.places.retain(|path, _| wanted(path));
        self.changed |= self.places.len() != before;
    }

    /// Writes them down. What cannot be written is tried again at the next change.
    pub(super) fn save_if_changed(&mut self, path: &Path) {
        if !self.changed {
            return;
        }
        let place = |(path, place): (&PathBuf, &Place)| {
            let (device, inode) = place.identity;
            (
                path.to_string_lossy().into_owned(),
                json!({"device": device, "inode": inode, "offset": place.offset}),
            )
        };
        let document = Value::Object(self.places.iter().map(place).collect());
        match atomic_file::replace(path, document.to_string().as_bytes(), 0o600) {
            Ok(()) => self.changed = false,
            Err(error) => tracing::debug!(%error, "the places in followed files cannot be written down"),
        }
    }
}
