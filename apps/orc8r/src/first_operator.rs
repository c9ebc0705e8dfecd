//! The operator who is there from the start: somebody has to be able to create the first network.

use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use magma_rpc::tls::Identity;
use orc8r_ca::{CertificateAuthorities, CertificateFacts, CertificateFiles};
use orc8r_model::{AccessList, CertificateInfo};
use orc8r_store::{Store, StoreError};

use crate::running::StartError;

/// The first operator's name, as in Magma.
pub const FIRST_OPERATOR: &str = "admin_operator";

/// What became of the first operator at a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstOperator {
    /// There were operators already; nothing was changed.
    Kept,
    /// There was none, and no certificate: both were made.
    Created,
    /// There was none, but a certificate of our authority in the folder: it was accepted.
    Imported,
    /// There was none, and the certificate in the folder is not one of our authority. Nobody can use REST yet.
    Unusable,
}

/// Makes sure that a new database has an administrator.
///
/// The certificate files are written first: after a crash in between, the next start finds them and imports them.
/// Once there is an operator, nothing in the folder counts any more, so that revoking stays revoking.
pub(crate) async fn ensure(
    store: &Store,
    authorities: &CertificateAuthorities,
    now: SystemTime,
) -> Result<FirstOperator, StartError> {
    if !store.operators().await?.is_empty() {
        return Ok(FirstOperator::Kept);
    }
    if !authorities.has_admin() {
        let credentials = authorities.issue_operator(FIRST_OPERATOR, now)?;
        authorities.write_admin(&credentials)?;
        accept(store, &credentials.certificate.facts).await?;
        return Ok(FirstOperator::Created);
    }
    let path = &authorities.files().admin_certificate;
    let recognised = std::fs::read(path)
        .map_err(|error| error.to_string())
        .and_then(|bytes| authorities.recognise(&bytes, now).map_err(|error| error.to_string()));
    match recognised {
        Ok(facts) => {
            accept(store, &facts).await?;
            Ok(FirstOperator::Imported)
        }
        Err(reason) => {
            tracing::warn!(file = %path.display(), reason, "no operator can use REST: move this file and its key away to have new ones made, or import another certificate");
            Ok(FirstOperator::Unusable)
        }
    }
}

/// Why the key in the folder cannot be used with the certificate beside it; `None`: it can.
///
/// A warning only: whoever keeps the key elsewhere does well.
pub(crate) fn key_problem(files: &CertificateFiles) -> Option<String> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => format!("{} is missing", path.display()),
            _ => format!("{} cannot be read: {error}", path.display()),
        })
    };
    let problem = || {
        let (certificate, key) = (read(&files.admin_certificate)?, read(&files.admin_key)?);
        Identity::from_pem(&certificate, &key).map(drop).map_err(|error| error.to_string())
    };
    problem().err()
}

async fn accept(store: &Store, facts: &CertificateFacts) -> Result<(), StoreError> {
    let identity = orc8r_model::Identity::Operator { name: FIRST_OPERATOR.to_owned() };
    let info = CertificateInfo { identity, not_before: facts.not_before, not_after: facts.not_after };
    match store.add_certificate(&facts.serial, info).await {
        // A crash came between this and the next step.
        Ok(()) | Err(StoreError::AlreadyExists { .. }) => {}
        Err(error) => return Err(error),
    }
    store.put_operator(FIRST_OPERATOR, AccessList::administrator()).await
}
