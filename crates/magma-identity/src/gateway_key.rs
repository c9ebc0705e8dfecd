//! A fresh key for the gateway's next certificate, and the request to sign it.

use std::fmt;

use magma_crypto::{Curve, PrivateKey, certificate_request};

use crate::{HardwareId, IdentityError};

/// A P-256 key that has no certificate yet. P-256, since Python's gRPC cannot present certificates of other curves.
pub struct GatewayKey {
    key: PrivateKey,
}

impl GatewayKey {
    /// Makes a key.
    ///
    /// # Errors
    /// [`IdentityError::Generation`] when the operating system has no random numbers.
    pub fn generate() -> Result<Self, IdentityError> {
        let key = PrivateKey::generate(Curve::P256)
            .ok_or(IdentityError::Generation("the system gave no random numbers"))?;
        Ok(Self { key })
    }

    /// A PKCS#10 request in DER whose subject is the hardware id as common name, and nothing else, signed with
    /// SHA-256.
    pub fn csr_der(&self, hardware_id: &HardwareId) -> Vec<u8> {
        certificate_request(&self.key, hardware_id.as_str())
    }

    /// The key as PKCS#8 PEM.
    pub fn pem(&self) -> String {
        self.key.pkcs8_pem().to_string()
    }

    /// The public half as an uncompressed point.
    pub fn public_key(&self) -> &[u8] {
        self.key.point()
    }
}

impl fmt::Debug for GatewayKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use x509_parser::certification_request::X509CertificationRequest;
    use x509_parser::prelude::FromDer;

    use super::*;

    #[test]
    fn a_request_names_the_hardware_id_and_nothing_else() {
        let key = GatewayKey::generate().unwrap();
        let id = HardwareId::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427").unwrap();
        let der = key.csr_der(&id);
        let (rest, request) = X509CertificationRequest::from_der(&der).unwrap();
        assert!(rest.is_empty());
        let info = &request.certification_request_info;
        assert_eq!(info.subject.to_string(), format!("CN={id}"));
        assert_eq!(info.subject_pki.subject_public_key.data.as_ref(), key.public_key());
        assert!(info.attributes().is_empty(), "{:?}", info.attributes());
        let public = ring::signature::UnparsedPublicKey::new(
            &ring::signature::ECDSA_P256_SHA256_ASN1,
            key.public_key(),
        );
        public.verify(info.raw, request.signature_value.data.as_ref()).unwrap();
    }

    #[test]
    fn every_key_is_fresh() {
        assert_ne!(GatewayKey::generate().unwrap().pem(), GatewayKey::generate().unwrap().pem());
    }
}
