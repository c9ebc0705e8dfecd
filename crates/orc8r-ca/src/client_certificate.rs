//! Signing the certificates of gateways and operators (Magma's certifier).

use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, SerialNumber};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use crate::authority::{self, Authority, AuthorityError, named};
use crate::certificate::{self, CertificateFacts};
use crate::validity::{LEAF_LIFETIME, Validity};

/// The longest that a gateway's certificate may live, and what it gets without asking (Magma's bootstrapper: 97 h).
pub const GATEWAY_CERTIFICATE_LIFETIME_MAX: Duration = Duration::from_secs(97 * 3600);

/// A request takes about 400 bytes with P-256 and 2 kB with large RSA keys.
const CSR_SIZE_MAX: usize = 16 * 1024;

/// What openssl and rustls still accept.
const RSA_BITS_MIN: usize = 2048;

/// Whom the certificate will name. The caller has established it: nothing that the request says can change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientSubject<'a> {
    /// A gateway, by the hardware id that answered the challenge.
    Gateway {
        /// The hardware id.
        hardware_id: &'a str,
    },
    /// A person or program that uses REST.
    Operator {
        /// The operator's name.
        name: &'a str,
    },
    /// A node of this Orchestrator, toward the others.
    Node {
        /// The node's id.
        name: &'a str,
    },
}

/// A signed certificate, and what the store has to remember of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// Serial, name and dates.
    pub facts: CertificateFacts,
    /// The certificate in DER form.
    pub der: Vec<u8>,
    /// The same in PEM form.
    pub pem: String,
}

/// Why a certificate was not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The request is not PKCS#10, or too large.
    #[error("the certificate request is not a PKCS#10 request in DER form")]
    NotARequest,
    /// The request's own signature is wrong: the sender does not hold the key.
    #[error("the certificate request is not signed by its own key, or by an algorithm that is not supported")]
    NotSelfSigned,
    /// The request names somebody else.
    #[error("the certificate request must name '{expected}' or nobody, but it names '{found}'")]
    OtherName {
        /// Who may be named.
        expected: String,
        /// Who is named.
        found: String,
    },
    /// The public key is of a kind or size that is not supported.
    #[error(
        "the public key of the certificate request is not supported (P-256, P-384, Ed25519, or RSA from 2048 bits)"
    )]
    PublicKey,
    /// The authority itself has ended.
    #[error("the client authority's certificate (certifier.pem) has expired: replace it")]
    AuthorityExpired,
    /// The authority could not sign.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The system gave no random numbers.
    #[error("the system's source of random numbers failed")]
    Random,
}

impl<'a> ClientSubject<'a> {
    fn common_name(self) -> &'a str {
        match self {
            Self::Gateway { hardware_id } => hardware_id,
            Self::Operator { name } | Self::Node { name } => name,
        }
    }

    fn lifetime(self, asked: Option<Duration>) -> Duration {
        match self {
            Self::Gateway { .. } => asked
                .filter(|asked| !asked.is_zero())
                .unwrap_or(GATEWAY_CERTIFICATE_LIFETIME_MAX)
                .min(GATEWAY_CERTIFICATE_LIFETIME_MAX),
            Self::Operator { .. } | Self::Node { .. } => asked.unwrap_or(LEAF_LIFETIME).min(LEAF_LIFETIME),
        }
    }
}

/// Signs a PKCS#10 request for `subject`.
pub(crate) fn sign(
    authority: &Authority,
    csr_der: &[u8],
    subject: ClientSubject<'_>,
    valid_for: Option<Duration>,
    now: SystemTime,
) -> Result<IssuedCertificate, SigningError> {
    let request = parse_request(csr_der)?;
    refuse_other_name(&request, subject)?;
    let public_key = public_key(&request)?;
    let validity = Validity::starting(now, subject.lifetime(valid_for)).ending_by(authority.not_after());
    if validity.not_after <= now {
        return Err(SigningError::AuthorityExpired);
    }
    let signed = authority.sign(&params(subject, validity)?, &public_key)?;
    let der = signed.der().to_vec();
    let facts = CertificateFacts::from_der(&der).map_err(AuthorityError::from)?;
    Ok(IssuedCertificate { facts, der, pem: signed.pem() })
}

fn parse_request(csr_der: &[u8]) -> Result<X509CertificationRequest<'_>, SigningError> {
    let request = match X509CertificationRequest::from_der(csr_der) {
        Ok(([], request)) if csr_der.len() <= CSR_SIZE_MAX => request,
        _ => return Err(SigningError::NotARequest),
    };
    request.verify_signature().map_err(|_| SigningError::NotSelfSigned)?;
    Ok(request)
}

/// The request may name the subject or nobody: a request for somebody else is an attempt to become them.
fn refuse_other_name(
    request: &X509CertificationRequest<'_>,
    subject: ClientSubject<'_>,
) -> Result<(), SigningError> {
    let name = &request.certification_request_info.subject;
    let expected = subject.common_name();
    let names_nobody = name.iter_common_name().next().is_none();
    let only = certificate::only_common_name(name);
    if names_nobody || only.as_deref() == Some(expected) || only.as_deref() == Some("") {
        return Ok(());
    }
    let found = only.unwrap_or_else(|| "several names".to_owned());
    Err(SigningError::OtherName { expected: expected.to_owned(), found })
}

fn public_key(request: &X509CertificationRequest<'_>) -> Result<rcgen::SubjectPublicKeyInfo, SigningError> {
    let key = &request.certification_request_info.subject_pki;
    if let Ok(PublicKey::RSA(rsa)) = key.parsed()
        && rsa.key_size() < RSA_BITS_MIN
    {
        return Err(SigningError::PublicKey);
    }
    rcgen::SubjectPublicKeyInfo::from_der(key.raw).map_err(|_| SigningError::PublicKey)
}

/// Deviation: the subject is the common name alone. Magma copies the request's whole subject, so that a gateway
/// chooses text that later readers of the certificate may take for somebody else's name.
fn params(subject: ClientSubject<'_>, validity: Validity) -> Result<CertificateParams, SigningError> {
    let mut params = CertificateParams::default();
    validity.apply_to(&mut params);
    params.serial_number = Some(random_serial()?);
    params.distinguished_name = named(subject.common_name());
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn random_serial() -> Result<SerialNumber, SigningError> {
    authority::random_serial().ok_or(SigningError::Random)
}

#[cfg(test)]
mod tests;
