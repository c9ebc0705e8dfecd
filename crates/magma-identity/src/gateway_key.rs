//! A fresh key for the gateway's next certificate, and the request to sign it.

use crate::{HardwareId, IdentityError};

/// A P-256 key that has no certificate yet.
pub struct GatewayKey {
    pair: rcgen::KeyPair,
}

impl GatewayKey {
    /// Makes a key.
    pub fn generate() -> Result<Self, IdentityError> {
        unimplemented!("being written")
    }

    /// A PKCS#10 request in DER whose subject is the hardware id as common name, and nothing else.
    pub fn csr_der(&self, hardware_id: &HardwareId) -> Result<Vec<u8>, IdentityError> {
        let _ = hardware_id;
        unimplemented!("being written")
    }

    /// The key as PKCS#8 PEM.
    pub fn pem(&self) -> String {
        self.pair.serialize_pem()
    }
}
