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

#[cfg(test)]
mod tests {
    use magma_config::Paths;
    use magma_config::mconfig::{GatewayMconfig, MconfigStore};

    use super::*;

    fn document(interval: u32) -> Live {
        let text = format!(
            r#"{{"configsByKey":{{"magmad":{{"@type":"type.googleapis.com/magma.mconfig.MagmaD","checkinInterval":{interval}}}}}}}"#
        );
        Live::new(GatewayMconfig::parse(text.as_bytes()).expect("a document"))
            .expect("with an entry of magmad")
    }

    #[test]
    fn a_digest_counts_only_while_its_document_is_in_effect() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::under(folder.path());
        let managed = ManagedConfig::load(MconfigStore::new(&paths, &magma_config::inspect(&paths).0.magmad));
        let known = Known::default();
        assert_eq!(known.digest(&managed), None, "nothing was told yet");

        managed.replace(document(60)).expect("it can be stored");
        known.note(Some("d1".into()), &managed);
        assert_eq!(known.digest(&managed).as_deref(), Some("d1"));

        // An operator's SetConfigs: the cloud's own document has to come back.
        managed.replace(document(61)).expect("it can be stored");
        assert_eq!(known.digest(&managed), None);

        known.note(None, &managed);
        assert_eq!(known.digest(&managed), None, "an existing cloud tells none");
    }

    #[test]
    fn a_digest_is_taken_from_the_header_if_it_can_be_one() {
        let long = "d".repeat(DIGEST_MAX + 1);
        for (value, expected) in [("", None), ("abc", Some("abc")), (long.as_str(), None)] {
            let mut headers = MetadataMap::new();
            headers.insert(HEADER, value.parse().expect("a header's value"));
            assert_eq!(told(&headers).as_deref(), expected);
        }
        assert_eq!(told(&MetadataMap::new()), None);
    }
}
