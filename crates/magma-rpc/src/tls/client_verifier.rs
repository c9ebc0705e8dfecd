//! Which client certificates a server accepts.
//!
//! rustls' own verifier refuses X.509 version 1, and the `admin_operator` certificates of existing Orchestrators
//! are of that version (made by `openssl x509 -req` without an extension file). This one checks what matters for
//! them as for any other: a trusted authority signed it, it is valid now, it may be used by a client, and the
//! peer holds its key. Chains through intermediate authorities are not followed: Magma has none.

use super::TlsError;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, PeerMisbehaved,
    SignatureScheme,
};
use std::sync::Arc;
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;
use x509_parser::time::ASN1Time;

#[derive(Debug)]
pub(super) struct ClientVerifier {
    authorities: Vec<CertificateDer<'static>>,
    subjects: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
    mandatory: bool,
}

impl ClientVerifier {
    /// Refuses a client that shows no certificate.
    pub(super) fn required(authorities: &[CertificateDer<'static>]) -> Result<Arc<Self>, TlsError> {
        Self::new(authorities, true)
    }

    /// Looks at a client's certificate if it shows one.
    pub(super) fn optional(authorities: &[CertificateDer<'static>]) -> Result<Arc<Self>, TlsError> {
        Self::new(authorities, false)
    }

    fn new(authorities: &[CertificateDer<'static>], mandatory: bool) -> Result<Arc<Self>, TlsError> {
        let subjects = authorities
            .iter()
            .map(|authority| {
                let parsed = parse(authority).map_err(|e| TlsError::TrustAnchor(e.to_string()))?;
                Ok(DistinguishedName::in_sequence(contents(parsed.subject().as_raw())))
            })
            .collect::<Result<_, TlsError>>()?;
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Ok(Arc::new(Self { authorities: authorities.to_vec(), subjects, algorithms, mandatory }))
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let certificate = parse(end_entity)?;
        let now = ASN1Time::from_timestamp(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
            .map_err(|_| CertificateError::Expired)?;
        check_dates(&certificate, now)?;
        check_usage(&certificate)?;
        let issued = self.authorities.iter().filter_map(|der| parse(der).ok()).any(|authority| {
            authority.subject().as_raw() == certificate.issuer().as_raw()
                && check_dates(&authority, now).is_ok()
                && certificate.verify_signature(Some(authority.public_key())).is_ok()
        });
        if issued { Ok(ClientCertVerified::assertion()) } else { Err(CertificateError::UnknownIssuer.into()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = parse(cert)?;
        let key = &certificate.public_key().subject_public_key.data;
        let fitting = self.algorithms.mapping.iter().find(|(scheme, _)| *scheme == dss.scheme);
        let (_, candidates) = fitting.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
        // In TLS 1.2 a scheme does not fix the curve; a key of another kind does not verify.
        if candidates
            .iter()
            .any(|algorithm| algorithm.verify_signature(key, message, dss.signature()).is_ok())
        {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let certificate = parse(cert)?;
        let key = SubjectPublicKeyInfoDer::from(certificate.public_key().raw);
        verify_tls13_signature_with_raw_key(message, &key, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Error> {
    match parse_x509_certificate(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(CertificateError::BadEncoding.into()),
    }
}

fn check_dates(certificate: &X509Certificate<'_>, now: ASN1Time) -> Result<(), Error> {
    let validity = certificate.validity();
    if now < validity.not_before {
        Err(CertificateError::NotValidYet.into())
    } else if now > validity.not_after {
        Err(CertificateError::Expired.into())
    } else {
        Ok(())
    }
}

/// A certificate that names its purposes must name that of a client; one that names none may serve any
/// (RFC 5280 §4.2.1.12). An authority's own certificate is nobody's identity.
fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), Error> {
    if certificate.is_ca() {
        return Err(CertificateError::Other(OtherError(Arc::new(IsAuthority))).into());
    }
    match certificate.extended_key_usage() {
        Ok(Some(usage)) if !usage.value.client_auth && !usage.value.any => {
            Err(CertificateError::InvalidPurpose.into())
        }
        Ok(_) => Ok(()),
        Err(_) => Err(CertificateError::BadEncoding.into()),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it is the certificate of an authority")]
struct IsAuthority;

/// The contents of one DER element.
fn contents(der: &[u8]) -> &[u8] {
    match der {
        [_, short @ 0..=0x7f, rest @ ..] if rest.len() == usize::from(*short) => rest,
        [_, long, rest @ ..] => rest.get(usize::from(long & 0x7f)..).unwrap_or_default(),
        _ => &[],
    }
}
