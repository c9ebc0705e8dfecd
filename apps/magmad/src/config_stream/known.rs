//! What the cloud said of the configuration that is in effect, so that it need not send the same again.
//!
//! An existing cloud sends the whole configuration at each poll. Ours sends a digest of it as well, in a header of the
//! answer that other agents do not read; the agent repeats that digest in its next request, and gets an empty answer if
//! nothing has changed. The digest is the cloud's own and nothing is computed from it here. It counts only while the
//! very document that came with it is in effect.

use std::sync::{Arc, Mutex, PoisonError};

use magma_rpc::metadata::MetadataMap;

use crate::managed_config::{Live, ManagedConfig};

/// The header that holds the digest.
const HEADER: &str = "magma-configs-digest";
/// A longer one is no digest.
const DIGEST_MAX: usize = 128;

/// The digest of the document in effect, if its cloud told one.
#[derive(Debug, Default)]
pub struct Known(Mutex<Option<(String, Arc<Live>)>>);

impl Known {
    /// The digest to send; none when the cloud told none, or when another document has taken effect since.
    pub fn digest(&self, managed: &ManagedConfig) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (digest, document) = known.as_ref()?;
        Arc::ptr_eq(document, &managed.current()).then(|| digest.clone())
    }

    /// Notes that the document which came with this digest is in effect now.
    pub fn note(&self, digest: Option<String>, managed: &ManagedConfig) {
        let known = digest.map(|digest| (digest, managed.current()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// The digest in the headers of an answer.
pub fn told(headers: &MetadataMap) -> Option<String> {
    let digest = headers.get(HEADER)?.to_str().ok()?;
    (1..=DIGEST_MAX).contains(&digest.len()).then(|| digest.to_owned())
}
