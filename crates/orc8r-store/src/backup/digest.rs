//! One number over everything that a backup holds, the same for the same contents on either engine.

use super::copy::Kept;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The digest as it grows.
#[derive(Default)]
pub(super) struct Digest(Sha256);

impl Digest {
    /// A table or the files begin.
    pub(super) fn begin(&mut self, name: &str) {
        self.part(b'#', name.as_bytes());
    }

    /// One value of a row.
    pub(super) fn value(&mut self, value: &Kept) {
        match value {
            Kept::Null => self.part(b'n', &[]),
            Kept::Integer(number) => self.part(b'i', &number.to_be_bytes()),
            Kept::Real(number) => self.part(b'r', &number.to_bits().to_be_bytes()),
            Kept::Text(text) => self.part(b't', text.as_bytes()),
            Kept::Bytes(bytes) => self.part(b'b', bytes),
        }
    }

    /// In hexadecimal.
    pub(super) fn finish(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn part(&mut self, kind: u8, bytes: &[u8]) {
        self.0.update([kind]);
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
}
