//! Folders that are new, existing, or damaged.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::UNIX_EPOCH;

use super::*;
use crate::private_key;

const DAY: Duration = Duration::from_secs(86400);
const RSA_KEY: &str = include_str!("../../tests/data/rsa-pkcs1.pem");
const RSA_CERTIFIER: &str = include_str!("../../tests/data/certifier-rsa.pem");

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn domain() -> DomainName {
    DomainName::parse("magma.test").unwrap()
}

fn open(folder: &Path, now: SystemTime) -> Result<Opened, FolderError> {
    CertificateAuthorities::open(folder, &domain(), now)
}

fn changes(opened: &Opened) -> Vec<(&str, FileChange)> {
    opened
        .events
        .iter()
        .map(|event| (event.path.file_name().unwrap().to_str().unwrap(), event.change))
        .collect()
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn server_facts(opened: &Opened) -> (CertificateFacts, Vec<u8>) {
    let der = certificate::first_der(&opened.authorities.server_pems().0).unwrap();
    (CertificateFacts::from_der(&der).unwrap(), der)
}

#[test]
fn the_first_start_makes_everything_and_the_second_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), now()).unwrap();
    let created = FileChange::Created;
    assert_eq!(
        changes(&first),
        [
            ("rootCA.pem", created),
            ("rootCA.key", created),
            ("certifier.pem", created),
            ("certifier.key", created),
            ("controller.crt", created),
            ("controller.key", created),
            ("challenge_secret", created),
        ]
    );
    let before = contents(folder.path());
    let second = open(folder.path(), now() + DAY).unwrap();
    assert_eq!(changes(&second), []);
    assert_eq!(contents(folder.path()), before);
    let challenge = first.authorities.challenges().issue("hw", now()).unwrap();
    assert_eq!(second.authorities.challenges().verify("hw", &challenge, now()), Ok(()), "same secret");
}

#[test]
fn keys_and_the_secret_are_for_their_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), now()).unwrap();
    let admin = opened.authorities.issue_operator("admin_operator", now()).unwrap();
    opened.authorities.write_admin(&admin).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let secret = name.contains("key") || name.contains("secret");
        assert_eq!(mode, if secret { 0o600 } else { 0o644 }, "{name}");
    }
}

#[test]
fn the_server_certificate_covers_every_name_that_gateways_use() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), now()).unwrap();
    let (facts, der) = server_facts(&opened);
    let parsed = certificate::parse(&der).unwrap();
    let names = parsed.subject_alternative_name().unwrap().unwrap().value.general_names.len();
    assert_eq!(names, 6, "*.magma.test, controller.magma.test, magma.test, localhost, 127.0.0.1, ::1");
    assert!(parsed.extended_key_usage().unwrap().unwrap().value.server_auth);
    assert_eq!(facts.not_after, 1_800_000_000 + 730 * 86400);
    assert_eq!(facts.not_before, 1_800_000_000 - 3600);
}

#[test]
fn the_server_certificate_is_renewed_with_its_key_30_days_before_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), now()).unwrap();
    let key = fs::read(&first.authorities.files().server_key).unwrap();
    for (row, at, renewed) in [("31 days before", 699, false), ("29 days before", 701, true)] {
        let opened = open(folder.path(), now() + at * DAY).unwrap();
        assert_eq!(!opened.events.is_empty(), renewed, "{row}");
        assert_eq!(fs::read(&opened.authorities.files().server_key).unwrap(), key, "{row}");
    }
    let (facts, _) = server_facts(&open(folder.path(), now() + 702 * DAY).unwrap());
    assert_eq!(facts.not_after, 1_800_000_000 + (701 + 730) * 86400);
}

#[test]
fn another_domain_is_added_to_the_server_certificate() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), now()).unwrap();
    let other = DomainName::parse("lte.example").unwrap();
    let opened = CertificateAuthorities::open(folder.path(), &other, now()).unwrap();
    assert_eq!(changes(&opened), [("controller.crt", FileChange::Renewed)]);
    let back = open(folder.path(), now()).unwrap();
    assert_eq!(changes(&back), [], "the first domain is still covered");
}

#[test]
fn existing_rsa_authorities_are_taken_untouched() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("certifier.pem", RSA_CERTIFIER),
        ("certifier.key", RSA_KEY),
        ("rootCA.pem", RSA_CERTIFIER),
        ("rootCA.key", RSA_KEY),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let opened = open(folder.path(), now()).unwrap();
    assert_eq!(opened.authorities.root_pem(), RSA_CERTIFIER.as_bytes());
    assert_eq!(opened.authorities.certifier_pem(), RSA_CERTIFIER.as_bytes());
    assert_eq!(fs::read(folder.path().join("certifier.key")).unwrap(), RSA_KEY.as_bytes());
    let admin = opened.authorities.issue_operator("ann", now()).unwrap();
    assert_eq!(
        opened.authorities.recognise(&admin.certificate.der, now()).unwrap().common_name.as_deref(),
        Some("ann")
    );
}

#[test]
fn a_root_without_its_key_needs_a_server_certificate_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), now()).unwrap();
    fs::remove_file(folder.path().join("rootCA.key")).unwrap();
    assert_eq!(changes(&open(folder.path(), now()).unwrap()), []);
    let late = open(folder.path(), now() + 720 * DAY).unwrap();
    assert_eq!(changes(&late), [("controller.crt", FileChange::EndsSoon)]);
    fs::remove_file(folder.path().join("controller.crt")).unwrap();
    fs::remove_file(folder.path().join("controller.key")).unwrap();
    assert!(matches!(open(folder.path(), now()).err(), Some(FolderError::NoRootKey { .. })));
}

#[test]
fn damaged_folders_are_refused_with_the_file_and_nothing_is_overwritten() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage, &str); 7] = [
        (
            "a key without its certificate",
            |f| fs::remove_file(f.join("certifier.pem")).unwrap(),
            "certifier.pem",
        ),
        (
            "a certificate without its key",
            |f| fs::remove_file(f.join("certifier.key")).unwrap(),
            "certifier.key",
        ),
        ("another's key", |f| fs::write(f.join("controller.key"), RSA_KEY).unwrap(), "controller.key"),
        ("another's authority key", |f| fs::write(f.join("rootCA.key"), RSA_KEY).unwrap(), "rootCA.key"),
        ("an empty certificate", |f| fs::write(f.join("controller.crt"), "").unwrap(), "controller.crt"),
        ("an empty key", |f| fs::write(f.join("certifier.key"), "").unwrap(), "certifier.key"),
        ("a short secret", |f| fs::write(f.join("challenge_secret"), "x").unwrap(), "challenge_secret"),
    ];
    for (row, damage, named) in damages {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), now()).unwrap();
        damage(folder.path());
        let before = contents(folder.path());
        let text = open(folder.path(), now()).err().expect(row).to_string();
        assert!(text.contains(named), "{row}: {text}");
        assert_eq!(contents(folder.path()), before, "{row}");
    }
}

#[test]
fn a_clock_before_or_after_the_authorities_is_named() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), now()).unwrap();
    for at in [now() - 2 * DAY, now() + 3651 * DAY] {
        let error = open(folder.path(), at).err().unwrap();
        assert!(matches!(error, FolderError::NotValidNow { .. }), "{error}");
        assert!(error.to_string().contains("clock"), "{error}");
    }
}

#[test]
fn certificates_of_the_certifier_alone_are_recognised() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("certifier.pem"), RSA_CERTIFIER).unwrap();
    fs::write(folder.path().join("certifier.key"), RSA_KEY).unwrap();
    let opened = open(folder.path(), now()).unwrap();
    let recognise = |bytes: &[u8], at| opened.authorities.recognise(bytes, at);
    let v1 = include_bytes!("../../tests/data/admin-v1.pem");
    assert_eq!(recognise(v1, now()).unwrap().serial, "ABCDEF0123");
    assert_eq!(recognise(v1, now() + 40_000 * DAY), Err(ForeignCertificate::Expired));
    assert_eq!(recognise(&opened.authorities.root_pem(), now()), Err(ForeignCertificate::OtherIssuer));
    assert_eq!(recognise(b"", now()), Err(ForeignCertificate::NotACertificate(NotACertificate)));
}

#[test]
fn a_new_operators_files_hold_a_pair_that_fits() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), now()).unwrap();
    assert!(!opened.authorities.has_admin());
    let admin = opened.authorities.issue_operator("admin_operator", now()).unwrap();
    assert_eq!(contents(folder.path()).len(), 7, "nothing is written before the store knows the serial");
    opened.authorities.write_admin(&admin).unwrap();
    assert!(opened.authorities.has_admin());
    let files = opened.authorities.files();
    let key = private_key::from_pem(&fs::read(&files.admin_key).unwrap()).unwrap();
    let der = certificate::first_der(&fs::read(&files.admin_certificate).unwrap()).unwrap();
    assert!(certificate::is_key_of(&certificate::parse(&der).unwrap(), &key));
    assert_eq!(der, admin.certificate.der);
}
