//! One certificate authority: its certificate, its key, and the act of signing.

use std::time::SystemTime;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, DnValue, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use x509_parser::certificate::X509Certificate;
use x509_parser::x509::X509Name;

use crate::certificate::{self, NotACertificate};
use crate::validity::{AUTHORITY_LIFETIME, Validity, from_timestamp};

/// Why a certificate and key cannot act as an authority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// It is no certificate at all.
    #[error(transparent)]
    NotACertificate(#[from] NotACertificate),
    /// Its extensions say that it must not sign certificates.
    #[error("this certificate is not an authority's (its basic constraints say CA:FALSE)")]
    NotAnAuthority,
    /// The key is another one's.
    #[error("the key beside this certificate is not its key")]
    KeyMismatch,
    /// Its subject cannot be repeated exactly as the issuer of what it signs.
    #[error(
        "the subject of this certificate names an attribute twice, or several in one part, which is not supported for an authority"
    )]
    Name,
    /// The cryptographic library refused.
    #[error("signing failed: {0}")]
    Signing(String),
}

/// A certificate authority that is ready to sign.
pub(crate) struct Authority {
    pem: Vec<u8>,
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// The texts of a new authority, to be written to its files.
pub(crate) struct NewAuthority {
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

/// Makes a new authority with a P-256 key, valid for ten years.
pub(crate) fn create(common_name: &str, now: SystemTime) -> Result<NewAuthority, AuthorityError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    Validity::starting(now, AUTHORITY_LIFETIME).apply_to(&mut params);
    params.distinguished_name = named(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let certificate = params.self_signed(&key)?;
    Ok(NewAuthority { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() })
}

/// An authority that is to follow another one.
pub(crate) struct Successor {
    pub(crate) authority: NewAuthority,
    /// Its key as the old one vouches for it.
    pub(crate) cross_pem: String,
}

/// Makes an authority of the same name with a key of its own.
pub(crate) fn successor(old: &Authority, now: SystemTime) -> Result<Successor, AuthorityError> {
    let key = KeyPair::generate()?;
    let own = old.parsed()?;
    let mut params = CertificateParams::default();
    Validity::starting(now, AUTHORITY_LIFETIME).apply_to(&mut params);
    params.distinguished_name = same_name(own.subject())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages =
        vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let certificate = params.self_signed(&key)?;
    if certificate::parse(certificate.der())?.subject().as_raw() != own.subject().as_raw() {
        return Err(AuthorityError::Name);
    }
    Validity::starting(now, AUTHORITY_LIFETIME).ending_by(old.not_after()).apply_to(&mut params);
    params.use_authority_key_identifier_extension = true;
    params.serial_number = random_serial();
    // A gateway that has the root before the last one follows two such certificates, and some count them.
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let cross = old.sign(&params, &key)?;
    let authority = NewAuthority { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() };
    Ok(Successor { authority, cross_pem: cross.pem() })
}

/// The same name for another certificate.
fn same_name(name: &X509Name<'_>) -> Result<DistinguishedName, AuthorityError> {
    let mut same = DistinguishedName::new();
    for attribute in name.iter_attributes() {
        let oid: Vec<u64> = attribute.attr_type().iter().ok_or(AuthorityError::Name)?.collect();
        let value = attribute.attr_value();
        let text = attribute.as_str().map_err(|_| AuthorityError::Name)?;
        let value = match value.header.tag().0 {
            12 => DnValue::Utf8String(text.to_owned()),
            19 => DnValue::PrintableString(text.try_into().map_err(|_| AuthorityError::Name)?),
            22 => DnValue::Ia5String(text.try_into().map_err(|_| AuthorityError::Name)?),
            _ => return Err(AuthorityError::Name),
        };
        same.push(DnType::from_oid(&oid), value);
    }
    Ok(same)
}

impl Authority {
    /// Takes an existing certificate and key into use, after proving that they can sign together.
    pub(crate) fn new(pem: Vec<u8>, key: KeyPair) -> Result<Self, AuthorityError> {
        let der = certificate::first_der(&pem)?;
        let parsed = certificate::parse(&der)?;
        if parsed.basic_constraints().ok().flatten().is_some_and(|constraints| !constraints.value.ca) {
            return Err(AuthorityError::NotAnAuthority);
        }
        if !certificate::is_key_of(&parsed, &key) {
            return Err(AuthorityError::KeyMismatch);
        }
        let issuer =
            Issuer::from_ca_cert_der(&der.as_slice().into(), key).map_err(|_| AuthorityError::Name)?;
        let authority = Self { pem, der, issuer };
        let proof = authority.sign(&CertificateParams::default(), authority.issuer.key())?;
        if !authority.has_issued(&certificate::parse(proof.der())?) {
            return Err(AuthorityError::KeyMismatch);
        }
        Ok(authority)
    }

    /// Signs a certificate for `public_key`, and checks that it names its issuer as every verifier compares it. That the
    /// key's signatures are those of the certificate was proven by [`Authority::new`]; to verify each one would cost more
    /// than to make it.
    pub(crate) fn sign(
        &self,
        params: &CertificateParams,
        public_key: &impl PublicKeyData,
    ) -> Result<Certificate, AuthorityError> {
        let signed = params.signed_by(public_key, &self.issuer)?;
        if certificate::parse(signed.der())?.issuer().as_raw() != self.parsed()?.subject().as_raw() {
            return Err(AuthorityError::Name);
        }
        Ok(signed)
    }

    /// Whether a certificate names this authority and carries its signature.
    pub(crate) fn has_issued(&self, certificate: &X509Certificate<'_>) -> bool {
        self.parsed().is_ok_and(|own| certificate::is_issued_by(certificate, &own))
    }

    /// The file's text as it is: the certificate, and whatever the operator keeps with it.
    pub(crate) fn pem(&self) -> &[u8] {
        &self.pem
    }

    /// The last moment at which something signed by it can be valid.
    pub(crate) fn not_after(&self) -> SystemTime {
        self.parsed()
            .map_or(SystemTime::UNIX_EPOCH, |own| from_timestamp(own.validity().not_after.timestamp()))
    }

    fn parsed(&self) -> Result<X509Certificate<'_>, NotACertificate> {
        certificate::parse(&self.der)
    }
}

/// A serial number of 128 bits, as in Magma; `None`: the system gives no random numbers.
///
/// Without one, a certificate that is made anew for the same key would have the number of the one before, which some
/// clients refuse.
pub(crate) fn random_serial() -> Option<SerialNumber> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(SerialNumber::from(bytes.to_vec()))
}

/// A distinguished name of a common name alone.
pub(crate) fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

impl From<rcgen::Error> for AuthorityError {
    fn from(error: rcgen::Error) -> Self {
        Self::Signing(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::private_key;

    const NOW: SystemTime = UNIX_EPOCH;

    fn now() -> SystemTime {
        NOW + Duration::from_secs(1_750_000_000)
    }

    #[test]
    fn a_new_authority_is_one_and_lives_ten_years() {
        let made = create("certifier.magma.test", now()).unwrap();
        let key = private_key::from_pem(made.key_pem.as_bytes()).unwrap();
        let authority = Authority::new(made.certificate_pem.into_bytes(), key).unwrap();
        let own = authority.parsed().unwrap();
        assert!(own.is_ca());
        assert!(own.key_usage().unwrap().unwrap().value.key_cert_sign());
        assert_eq!(authority.not_after(), now() + Duration::from_secs(3650 * 86400));
        assert_eq!(own.validity().not_before.timestamp(), 1_750_000_000 - 3600);
    }

    #[test]
    fn an_existing_rsa_authority_with_several_name_parts_signs() {
        let key = private_key::from_pem(include_bytes!("../tests/data/rsa-pkcs1.pem")).unwrap();
        let authority =
            Authority::new(include_bytes!("../tests/data/certifier-rsa.pem").to_vec(), key).unwrap();
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = authority.sign(&CertificateParams::default(), &leaf_key).unwrap();
        assert!(authority.has_issued(&certificate::parse(leaf.der()).unwrap()));
    }

    #[test]
    fn what_cannot_act_as_an_authority_is_refused_with_the_reason() {
        let rsa = || private_key::from_pem(include_bytes!("../tests/data/rsa-pkcs1.pem")).unwrap();
        let other = || KeyPair::generate().unwrap();
        let certifier = include_bytes!("../tests/data/certifier-rsa.pem").to_vec();
        let leaf = include_bytes!("../tests/data/leaf-rsa.pem").to_vec();
        let doubled = include_bytes!("../tests/data/certifier-doubled-name.pem").to_vec();
        for (name, pem, key, expected) in [
            ("no certificate", b"x".to_vec(), rsa(), AuthorityError::NotACertificate(NotACertificate)),
            ("another key", certifier, other(), AuthorityError::KeyMismatch),
            ("a leaf certificate", leaf, rsa(), AuthorityError::NotAnAuthority),
            ("an attribute named twice", doubled, rsa(), AuthorityError::Name),
        ] {
            assert_eq!(Authority::new(pem, key).err(), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_namesake_with_another_key_has_not_issued_it() {
        let [one, two] = [(); 2].map(|()| {
            let made = create("certifier.magma.test", now()).unwrap();
            let key = private_key::from_pem(made.key_pem.as_bytes()).unwrap();
            Authority::new(made.certificate_pem.into_bytes(), key).unwrap()
        });
        let leaf = one.sign(&CertificateParams::default(), &KeyPair::generate().unwrap()).unwrap();
        let leaf = certificate::parse(leaf.der()).unwrap();
        assert!(one.has_issued(&leaf));
        assert!(!two.has_issued(&leaf));
    }
}
