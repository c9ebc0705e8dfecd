//! The fake cloud's certificate authorities, and what they sign.

use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, CertifiedIssuer, DnType, IsCa,
    KeyPair,
};

/// A certificate authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// How an issued certificate differs from what was asked for.
#[derive(Clone, Debug, Default)]
pub struct Twist {
    /// Another common name.
    pub common_name: Option<String>,
    /// Another beginning, in seconds from now.
    pub begins_in: Option<i64>,
    /// Another end, in seconds from now.
    pub ends_in: Option<i64>,
    /// A key that is not the gateway's.
    pub foreign_key: bool,
}

impl Authority {
    /// A new one.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        set_validity(&mut params, -3600, 365 * 24 * 3600);
        let key = KeyPair::generate().unwrap();
        Self { issuer: CertifiedIssuer::self_signed(params, key).unwrap() }
    }

    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server certificate for these names, and its key, as PEM.
    pub fn server(&self, names: &[&str]) -> (String, String) {
        self.server_valid(names, -3600, 30 * 24 * 3600)
    }

    /// The same, valid within these seconds from now.
    pub fn server_valid(&self, names: &[&str], begins_in: i64, ends_in: i64) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        set_validity(&mut params, begins_in, ends_in);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// A client certificate for `common_name`, and its key, as PEM.
    pub fn client(&self, common_name: &str, begins_in: i64, ends_in: i64) -> (String, String) {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        set_validity(&mut params, begins_in, ends_in);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// Signs a request as the cloud does: valid from an hour ago, for four days.
    pub fn sign(&self, csr_der: &[u8], twist: &Twist) -> Vec<u8> {
        let mut request = CertificateSigningRequestParams::from_der(&csr_der.to_vec().into()).unwrap();
        let begins = twist.begins_in.unwrap_or(-3600);
        let ends = twist.ends_in.unwrap_or(4 * 24 * 3600);
        set_validity(&mut request.params, begins, ends);
        if let Some(name) = &twist.common_name {
            request.params.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        if twist.foreign_key {
            let key = KeyPair::generate().unwrap();
            return request.params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        }
        request.signed_by(&self.issuer).unwrap().der().to_vec()
    }
}

fn set_validity(params: &mut CertificateParams, begins_in: i64, ends_in: i64) {
    params.not_before = from_now(begins_in).into();
    params.not_after = from_now(ends_in).into();
}

fn from_now(seconds: i64) -> SystemTime {
    let span = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::now() - span } else { SystemTime::now() + span }
}
