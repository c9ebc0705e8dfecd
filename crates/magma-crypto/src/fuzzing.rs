//! What must hold for any octets where certificates and keys should be: for fuzz/, and for the tests below.

use crate::{Blocks, Certificate, PrivateKey};

/// A certificate in DER or PEM.
pub fn certificate(bytes: &[u8]) {
    look(bytes);
    if let Ok(der) = Certificate::first_in(bytes) {
        assert!(der.len() <= bytes.len());
        look(&der);
    }
}

fn look(der: &[u8]) {
    let Ok(certificate) = Certificate::from_der(der) else { return };
    assert!(certificate.public_key_der().len() <= der.len());
    assert!(certificate.common_name().is_none_or(|name| name.len() <= der.len()));
    let _ = (certificate.not_before(), certificate.not_after(), certificate.ec_key());
}

/// A private key in PEM. Keys with the same numbers are written alike.
pub fn private_key(bytes: &[u8]) {
    let blocks: usize = Blocks::new(bytes).flatten().map(|block| block.contents.len()).sum();
    assert!(blocks <= bytes.len());
    let Ok(key) = PrivateKey::from_pem(bytes) else { return };
    let again = PrivateKey::from_pem(key.pkcs8_pem().as_bytes()).expect("what was written can be read");
    assert_eq!(again.point(), key.point());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_certificates_are_read_or_refused() {
        magma_mutations::replay("certificate", certificate);
    }

    /// Fewer, since keys are calculated with.
    #[test]
    fn a_thousand_damaged_private_keys_are_read_or_refused() {
        magma_mutations::replay_rounds("private_key", 1000, private_key);
    }
}
