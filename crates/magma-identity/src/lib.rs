//! A gateway's identity: hardware id, challenge key, and the certificate pair that the cloud signs for it.
//!
//! These files are what a gateway *is* to its cloud, so each is created without a race, never readable by others when
//! it is secret, and never left half written.

mod certificate_pair;
mod challenge_key;
mod error;
mod gateway_key;
mod hardware_id;

pub mod gateway_info;

pub use certificate_pair::{CertificatePair, PairError};
pub use challenge_key::{ChallengeKey, EcdsaSignature};
pub use error::IdentityError;
pub use gateway_key::GatewayKey;
pub use hardware_id::HardwareId;
