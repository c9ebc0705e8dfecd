//! OpenSSL reads what we write, and we read what it writes.

use std::path::Path;
use std::process::Command;

use magma_identity::{CertificatePair, ChallengeKey, GatewayKey, HardwareId};

/// Runs `openssl` in a folder; what it printed, or `None` with a printed line when it is not installed.
fn openssl(folder: &Path, arguments: &str) -> Option<String> {
    match Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(output.status.success(), "openssl {arguments}: {text}");
            Some(text)
        }
        Err(error) => {
            println!("skipped: openssl cannot be run: {error}");
            None
        }
    }
}

#[test]
fn openssl_reads_our_challenge_key_and_we_read_its() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let Some(_) = openssl(folder.path(), "ecparam -name secp384r1 -genkey -out theirs.key") else { return };
    openssl(folder.path(), "ec -in theirs.key -pubout -outform DER -out theirs.der");
    let theirs = ChallengeKey::load(&path("theirs.key")).unwrap();
    assert_eq!(theirs.public_key_der(), std::fs::read(path("theirs.der")).unwrap());

    let ours = ChallengeKey::load_or_create(&path("ours.key")).unwrap();
    let text = openssl(folder.path(), "ec -in ours.key -pubout -outform DER -out ours.der").unwrap();
    assert_eq!(ours.public_key_der(), std::fs::read(path("ours.der")).unwrap(), "{text}");
    assert!(openssl(folder.path(), "ec -in ours.key -check -noout").unwrap().contains("valid"));
}

#[test]
fn openssl_signs_our_request_and_reads_the_stored_pair() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let Some(_) = openssl(
        folder.path(),
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30",
    ) else {
        return;
    };
    let (key, id) = (GatewayKey::generate().unwrap(), HardwareId::random().unwrap());
    std::fs::write(path("csr"), key.csr_der(&id)).unwrap();
    let text = openssl(folder.path(), "req -inform DER -in csr -verify -noout -subject").unwrap();
    assert!(text.contains(&format!("CN = {id}")) || text.contains(&format!("CN={id}")), "{text}");

    let sign = "x509 -req -inform DER -in csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 4 -outform DER -out crt";
    openssl(folder.path(), sign);
    let pair = CertificatePair::new(&std::fs::read(path("crt")).unwrap(), &key).unwrap();
    pair.store(&path("gateway.crt"), &path("gateway.key")).unwrap();
    assert_eq!(pair.not_after().duration_since(pair.not_before()).unwrap().as_secs(), 4 * 86_400);
    let of_cert = openssl(folder.path(), "x509 -in gateway.crt -pubkey -noout").unwrap();
    let of_key = openssl(folder.path(), "pkey -in gateway.key -pubout").unwrap();
    assert_eq!(of_cert, of_key);
}

#[test]
fn a_pair_made_by_openssl_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for curve in ["prime256v1", "secp384r1"] {
        let Some(_) =
            openssl(folder.path(), &format!("ecparam -name {curve} -genkey -noout -out gateway.key"))
        else {
            return;
        };
        openssl(folder.path(), "req -x509 -new -key gateway.key -out gateway.crt -subj /CN=gw -days 4");
        let pair = CertificatePair::load(&path("gateway.crt"), &path("gateway.key")).unwrap();
        assert_eq!(pair.common_name(), "gw");
    }
}
