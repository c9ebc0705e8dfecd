//! What must hold for any octets where manifests and journals should be: for fuzz/, and for the tests below.

use crate::journal::Journal;
use crate::manifest::{Kind, Manifest};
use crate::version::Version;

/// The version that is asked for; those of the corpus have it.
const ASKED: &str = "1.9.0-1763700000-0123abcd";

/// A manifest, which may come from anybody before its signature is looked at.
pub fn manifest(bytes: &[u8]) {
    let asked = Version::parse(ASKED).expect("it is a version");
    let Ok(manifest) = Manifest::parse(bytes, &asked) else { return };
    for kind in [Kind::Binary, Kind::Deb, Kind::Oci] {
        for artefact in manifest.select(kind, "x86_64").unwrap_or_default() {
            assert!(!artefact.name.is_empty() && !artefact.name.starts_with(['.', '/', '-']), "{artefact:?}");
            assert!(!artefact.name.contains("..") || !artefact.name.contains('/'), "{artefact:?}");
        }
    }
    let written = manifest.to_json().to_string();
    assert_eq!(Manifest::parse(written.as_bytes(), &asked).ok(), Some(manifest));
}

/// A journal after a power cut or a failing disk.
pub fn journal(bytes: &[u8]) {
    let Ok(journal) = Journal::parse(bytes) else { return };
    let written = journal.to_json().to_string();
    assert_eq!(Journal::parse(written.as_bytes()), Ok(journal));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_manifests_are_read_or_refused() {
        magma_mutations::replay("manifest", manifest);
    }

    #[test]
    fn ten_thousand_damaged_journals_are_read_or_refused() {
        magma_mutations::replay("journal", journal);
    }
}
