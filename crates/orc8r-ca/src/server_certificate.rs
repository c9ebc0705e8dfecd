//! The certificate that gateways, operators and browsers see.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use crate::authority::{self, Authority, AuthorityError, named};
use crate::domain::DomainName;
use crate::validity::{LEAF_LIFETIME, Validity, from_timestamp};

/// A server certificate with less left than this is made anew at start.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(30 * 24 * 3600);

/// Whether a server certificate can stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It can.
    Good,
    /// It ends within 30 days, or has ended.
    EndsSoon,
    /// It does not cover the names under which gateways call this domain.
    OtherDomain,
    /// A root that has been rotated out issued it.
    Superseded,
}

/// Judges an existing server certificate.
pub(crate) fn condition(
    certificate: &X509Certificate<'_>,
    domain: &DomainName,
    now: SystemTime,
) -> Condition {
    let end = from_timestamp(certificate.validity().not_after.timestamp());
    if end < now + RENEWED_BEFORE_END {
        Condition::EndsSoon
    } else if !dns_names(certificate).contains(&wildcard(domain)) {
        Condition::OtherDomain
    } else {
        Condition::Good
    }
}

/// Signs a server certificate for the domain, and for the names that an earlier one had.
pub(crate) fn sign(
    root: &Authority,
    key: &KeyPair,
    domain: &DomainName,
    earlier: Option<&X509Certificate<'_>>,
    now: SystemTime,
) -> Result<String, AuthorityError> {
    let mut params = CertificateParams::new(names(domain, earlier))?;
    Validity::starting(now, LEAF_LIFETIME).ending_by(root.not_after()).apply_to(&mut params);
    params.serial_number = authority::random_serial();
    params.distinguished_name = named(&wildcard(domain));
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(root.sign(&params, key)?.pem())
}

/// The domain that a server certificate was made for.
pub(crate) fn domain(certificate: &X509Certificate<'_>) -> Option<DomainName> {
    dns_names(certificate).iter().find_map(|name| DomainName::parse(name.strip_prefix("*.")?).ok())
}

fn wildcard(domain: &DomainName) -> String {
    format!("*.{domain}")
}

/// The wildcard covers every `<service>-controller.<domain>`; the rest is for people on this machine.
fn names(domain: &DomainName, earlier: Option<&X509Certificate<'_>>) -> Vec<String> {
    let mut names = earlier.map(dns_names).unwrap_or_default();
    names.extend([wildcard(domain), domain.controller(), domain.to_string()]);
    names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    names.into_iter().collect()
}

fn dns_names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return BTreeSet::new() };
    let dns_name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(text) => Some((*text).to_owned()),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(dns_name).collect()
}
