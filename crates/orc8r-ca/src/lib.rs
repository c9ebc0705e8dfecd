//! The Orchestrator's certificate authorities, and the decisions of Magma's certifier and bootstrapper.
//!
//! The crate decides who gets which certificate: it keeps the authorities' files, signs client certificates for
//! an identity that the *caller* has established, makes and checks challenges, checks the answers to them, and
//! makes registration tokens. It opens no socket, reads no clock (`now` is always a parameter) and keeps no list
//! of what it issued: that is the store's.
//!
//! Two authorities exist, as in Magma: `rootCA` signs the server's certificate and is installed on gateways;
//! `certifier` signs the certificates of clients (gateways and operators).

mod authority;
mod certificate;
mod challenge;
mod challenge_answer;
mod client_certificate;
mod der;
mod domain;
mod error;
mod files;
mod folder;
mod private_key;
mod registration_token;
mod rotation;
mod server_certificate;
mod validity;

pub use authority::AuthorityError;
pub use certificate::{CertificateFacts, NotACertificate};
pub use challenge::{CHALLENGE_LENGTH, CHALLENGE_VALIDITY, ChallengeError, ChallengeSecret};
pub use challenge_answer::{AnswerError, ChallengeAnswer, RegisteredKey, verify_answer};
pub use client_certificate::{
    ClientSubject, GATEWAY_CERTIFICATE_LIFETIME_MAX, IssuedCertificate, SigningError,
};
pub use domain::{DomainName, NotADomainName};
pub use error::FolderError;
pub use folder::{
    CertificateAuthorities, CertificateFiles, FileChange, FileEvent, ForeignCertificate, Opened,
    OperatorCredentials, certificates_of, recognise,
};
pub use registration_token::RegistrationToken;
pub use rotation::{Rotation, RotationError};
