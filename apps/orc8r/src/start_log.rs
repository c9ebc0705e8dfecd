//! What the log says of the data folder at a start.

use orc8r_ca::{CertificateAuthorities, FileChange, FileEvent};
use orc8r_store::Database;

/// Whether the authority of clients was made at this start.
pub(crate) fn authorities_are_new(authorities: &CertificateAuthorities, events: &[FileEvent]) -> bool {
    let certifier = &authorities.files().certifier_certificate;
    events.iter().any(|event| event.path == *certifier && event.change == FileChange::Created)
}

/// Certificates without the database that belongs to them: a restored backup that is not whole, or a move from Magma.
pub(crate) fn warn_of_lost_store(database: &Database) {
    tracing::warn!(
        %database,
        "the certificates were here before, but the store is new: it knows no network, gateway or certificate that \
         was issued. Stop and restore the backup of the store that belongs to these certificates, or go on with an \
         empty cloud"
    );
}

/// What was made or renewed, or needs attention.
pub(crate) fn log_event(event: &FileEvent) {
    let file = event.path.display();
    match event.change {
        FileChange::Created => tracing::info!(%file, "made, because it was missing"),
        FileChange::Renewed => tracing::info!(%file, "made anew with the same key"),
        FileChange::EndsSoon => {
            tracing::warn!(%file, "ends within 30 days and cannot be made anew here: replace it");
        }
        FileChange::OtherDomain => {
            tracing::warn!(%file, "does not cover this domain and cannot be made anew here: replace it");
        }
    }
}
