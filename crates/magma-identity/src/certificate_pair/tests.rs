//! Pairs that are whole, damaged, mixed up, or interrupted while they were stored.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, UNIX_EPOCH};

use magma_crypto::Curve;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P384_SHA384, date_time_ymd,
};
use tempfile::TempDir;

use super::*;
use crate::HardwareId;

/// Signs the gateway's request as a cloud does.
fn certificate(key: &GatewayKey, hardware_id: &HardwareId) -> Vec<u8> {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new([]).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = Issuer::new(ca, ca_key);
    let csr = key.csr_der(hardware_id).into();
    let mut request = CertificateSigningRequestParams::from_der(&csr).unwrap();
    request.params.not_before = date_time_ymd(2026, 11, 21);
    request.params.not_after = date_time_ymd(2026, 11, 25);
    request.signed_by(&issuer).unwrap().der().to_vec()
}

fn fresh() -> CertificatePair {
    let key = GatewayKey::generate().unwrap();
    CertificatePair::new(&certificate(&key, &HardwareId::random().unwrap()), &key).unwrap()
}

/// A folder with places for a pair.
struct Certs(TempDir);

impl Certs {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("certs").join(name)
    }
    fn cert(&self) -> PathBuf {
        self.path("gateway.crt")
    }
    fn key(&self) -> PathBuf {
        self.path("gateway.key")
    }
    fn load(&self) -> Result<CertificatePair, PairError> {
        CertificatePair::load(&self.cert(), &self.key())
    }
    fn store(&self, pair: &CertificatePair) -> Result<(), PairError> {
        pair.store(&self.cert(), &self.key())
    }
    fn write(&self, cert: &[u8], key: &[u8]) {
        fs::create_dir_all(self.path("")).unwrap();
        fs::write(self.cert(), cert).unwrap();
        fs::write(self.key(), key).unwrap();
    }
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_signed_certificate_says_whose_it_is_and_how_long() {
    let key = GatewayKey::generate().unwrap();
    let id = HardwareId::random().unwrap();
    let pair = CertificatePair::new(&certificate(&key, &id), &key).unwrap();
    assert_eq!(pair.common_name(), id.as_str());
    let day = Duration::from_secs(86_400);
    assert_eq!(pair.not_before(), UNIX_EPOCH + day * 20_778);
    assert_eq!(pair.not_after(), UNIX_EPOCH + day * 20_782);
    assert!(pair.cert_pem().starts_with(b"-----BEGIN CERTIFICATE-----\n"));
    assert!(pair.key_pem().starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
    assert!(!format!("{pair:?}").contains("PRIVATE"), "secrets do not get into logs");
}

#[test]
fn what_the_cloud_sends_must_be_a_certificate_for_this_key() {
    let (key, other) = (GatewayKey::generate().unwrap(), GatewayKey::generate().unwrap());
    let id = HardwareId::random().unwrap();
    let for_other = CertificatePair::new(&certificate(&other, &id), &key);
    assert!(matches!(for_other, Err(PairError::Mismatched { .. })));
    for rubbish in [&b""[..], b"rubbish", &certificate(&key, &id)[..100]] {
        assert!(matches!(CertificatePair::new(rubbish, &key), Err(PairError::NotACertificate { .. })));
    }
}

#[test]
fn a_stored_pair_is_loaded_with_the_right_modes_and_nothing_else_is_left() {
    let certs = Certs::new();
    assert!(matches!(certs.load(), Err(PairError::Missing { .. })));
    for pair in [fresh(), fresh()] {
        certs.store(&pair).unwrap();
        assert_eq!(certs.load().unwrap(), pair);
    }
    assert_eq!(certs.names(), ["gateway.crt", "gateway.key"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&certs.cert()), mode(&certs.key())), (0o644, 0o600));
}

#[test]
fn after_a_crash_between_any_two_steps_the_pair_is_the_old_or_the_new_one() {
    for crash_after in 0..=Step::ALL.len() {
        for had_old in [true, false] {
            let certs = Certs::new();
            let (old, new) = (fresh(), fresh());
            fs::create_dir_all(certs.path("")).unwrap();
            if had_old {
                certs.store(&old).unwrap();
            }
            for step in &Step::ALL[..crash_after] {
                new.perform(*step, &certs.cert(), &certs.key()).unwrap();
            }
            match (crash_after, had_old) {
                (0, true) => assert_eq!(certs.load().unwrap(), old),
                (0, false) => assert!(matches!(certs.load(), Err(PairError::Missing { .. }))),
                _ => {
                    let before = certs.names();
                    let peeked = CertificatePair::peek(&certs.cert(), &certs.key()).unwrap();
                    assert_eq!((peeked, certs.names()), (new.clone(), before));
                    for _ in 0..2 {
                        assert_eq!(certs.load().unwrap(), new, "crash after {crash_after}");
                        assert_eq!(certs.names(), ["gateway.crt", "gateway.key"]);
                        assert_eq!(fs::read(certs.cert()).unwrap(), new.cert_pem);
                        assert_eq!(fs::read(certs.key()).unwrap(), new.key_pem);
                    }
                }
            }
        }
    }
}

#[test]
fn a_journal_that_the_disk_lost_is_discarded() {
    let certs = Certs::new();
    let (old, new) = (fresh(), fresh());
    for lost in [&b""[..], &[0; 700], &new.key_pem, &[&old.key_pem[..], &new.cert_pem].concat()] {
        certs.store(&old).unwrap();
        fs::write(certs.path("gateway.key.pair.new"), lost).unwrap();
        assert_eq!(certs.load().unwrap(), old);
        assert_eq!(certs.names(), ["gateway.crt", "gateway.key"]);
    }
}

#[test]
fn a_store_that_fails_leaves_a_whole_pair() {
    for (in_the_way, loaded_is_new) in
        [("gateway.key.pair.new", false), ("gateway.key", false), ("gateway.crt", true)]
    {
        let certs = Certs::new();
        let (old, new) = (fresh(), fresh());
        certs.store(&old).unwrap();
        // A folder with contents cannot be renamed over, just as a full disk cannot be written to.
        let path = certs.path(in_the_way);
        let _ = fs::rename(&path, certs.path("moved away"));
        fs::create_dir_all(path.join("x")).unwrap();
        assert!(matches!(certs.store(&new), Err(PairError::Unwritable { .. })), "{in_the_way}");
        if loaded_is_new {
            assert_eq!(certs.load().unwrap(), new, "from the journal, while the file cannot be written");
        }
        fs::remove_dir_all(&path).unwrap();
        let _ = fs::rename(certs.path("moved away"), &path);
        assert_eq!(certs.load().unwrap(), if loaded_is_new { new } else { old }, "{in_the_way}");
    }
}

#[test]
fn files_of_magmas_agents_are_read() {
    // The Python agent: P-256 in SEC1; the Go agent: P-384 in PKCS#8 here, SEC1 there.
    let certs = Certs::new();
    let p384 = PrivateKey::generate(Curve::P384).unwrap();
    let (pkcs8, sec1) = (p384.pkcs8_pem(), p384.sec1_pem());
    let key_pair = KeyPair::from_pkcs8_pem_and_sign_algo(&pkcs8, &PKCS_ECDSA_P384_SHA384).unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "gateway");
    let cert = params.self_signed(&key_pair).unwrap().pem();
    for key in [&*pkcs8, &*sec1] {
        certs.write(cert.as_bytes(), key.as_bytes());
        assert_eq!(certs.load().unwrap().common_name(), "gateway");
    }
    // A comment before, a chain behind.
    let chain = format!(
        "subject=CN = gateway\n{cert}{}",
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    );
    certs.write(chain.as_bytes(), sec1.as_bytes());
    assert_eq!(certs.load().unwrap().cert_pem(), chain.as_bytes());
}

#[test]
fn what_is_wrong_with_a_pair_is_told_with_its_file() {
    let certs = Certs::new();
    let (pair, other) = (fresh(), fresh());
    let text = |result: Result<CertificatePair, PairError>| result.unwrap_err().to_string();
    for (cert, key, file, part) in [
        (pair.cert_pem(), other.key_pem(), "gateway.crt", "does not belong to the key"),
        (b"rubbish", pair.key_pem(), "gateway.crt", "no certificate in it"),
        (b"", pair.key_pem(), "gateway.crt", "no certificate in it"),
        (pair.cert_pem(), b"rubbish", "gateway.key", "no private key in it"),
        (pair.key_pem(), pair.cert_pem(), "gateway.crt", "no certificate in it"),
        (&pair.cert_pem()[..200], pair.key_pem(), "gateway.crt", "not a usable certificate"),
        (
            pair.cert_pem(),
            b"-----BEGIN RSA PRIVATE KEY-----\nMHY=\n-----END RSA PRIVATE KEY-----\n",
            "gateway.key",
            "RSA",
        ),
        (
            pair.cert_pem(),
            b"-----BEGIN PRIVATE KEY-----\nMHY=\n-----END PRIVATE KEY-----\n",
            "gateway.key",
            "damaged",
        ),
    ] as [(&[u8], &[u8], &str, &str); 8]
    {
        certs.write(cert, key);
        let error = text(certs.load());
        assert!(error.contains(file) && error.contains(part), "{error}");
    }
    fs::remove_file(certs.key()).unwrap();
    assert!(text(certs.load()).contains("gateway.key does not exist"));
    fs::create_dir_all(certs.key()).unwrap();
    assert!(text(certs.load()).contains("cannot read"));
}
