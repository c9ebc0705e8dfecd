//! Steps in their order, out of it, and interrupted.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::certificate::{first_der, is_issued_by, parse};
use crate::{CertificateAuthorities, DomainName, FileChange};

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn open(folder: &Path) -> CertificateAuthorities {
    let domain = DomainName::parse("magma.test").unwrap();
    CertificateAuthorities::open(folder, &domain, now()).unwrap().authorities
}

fn contents(folder: &Path) -> BTreeMap<String, String> {
    let read = |file: fs::DirEntry| {
        let text = String::from_utf8_lossy(&fs::read(file.path()).unwrap()).into_owned();
        (file.file_name().into_string().unwrap(), text)
    };
    fs::read_dir(folder).unwrap().map(|file| read(file.unwrap())).collect()
}

/// How many certificates trust, in the roots and in the certifiers, and how long the server's chain is.
fn counts(authorities: &CertificateAuthorities) -> (usize, usize, usize) {
    let count = |pem: Vec<u8>| blocks(&String::from_utf8(pem).unwrap()).len();
    (count(authorities.root_pem()), count(authorities.certifier_pem()), count(authorities.server_pems().0))
}

#[test]
fn old_and_new_are_trusted_from_the_first_step_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let served = open(folder.path());
    let files = served.files().clone();
    let old = served.issue_operator("ann", now()).unwrap().certificate.pem;
    let before = contents(folder.path());
    assert_eq!((files.rotation().unwrap(), counts(&served)), (Rotation::None, (1, 1, 1)));
    for refused in [files.switch_rotation(), files.retire_rotation(), files.cancel_rotation()] {
        assert!(matches!(refused, Err(RotationError::Order(_))));
    }
    files.begin_rotation(now()).unwrap();
    files.begin_rotation(now()).unwrap();
    assert!(files.retire_rotation().is_err());
    assert!(served.reload(now()).unwrap().0);
    assert_eq!((files.rotation().unwrap(), counts(&served)), (Rotation::Begun, (2, 2, 1)));
    assert_eq!(contents(folder.path())["controller.crt"], before["controller.crt"], "the old root signs");
    files.switch_rotation().unwrap();
    let (changed, events) = served.reload(now()).unwrap();
    assert!(changed && events.iter().any(|event| event.change == FileChange::Renewed), "{events:?}");
    assert_eq!((files.rotation().unwrap(), counts(&served)), (Rotation::Switched, (2, 2, 2)));
    let new = served.issue_operator("bob", now()).unwrap().certificate.pem;
    for certificate in [&old, &new] {
        served.recognise(certificate.as_bytes(), now()).unwrap();
    }
    // Old root → new root's key → server, for whoever has the old root alone.
    let chain = String::from_utf8(served.server_pems().0).unwrap();
    let ders: Vec<_> = blocks(&chain).into_iter().map(|(_, der)| der).collect();
    let (server, cross) = (parse(&ders[0]).unwrap(), parse(&ders[1]).unwrap());
    let old_root = first_der(before["rootCA.pem"].as_bytes()).unwrap();
    let old_root = parse(&old_root).unwrap();
    assert!(
        is_issued_by(&server, &cross) && is_issued_by(&cross, &old_root) && !is_issued_by(&server, &old_root)
    );
    assert!(files.begin_rotation(now()).is_err(), "one at a time");
    assert!(files.cancel_rotation().is_err(), "the old keys are gone");
    assert!(files.cut_off_old_root().is_err(), "gateways may have the old root alone");
    files.retire_rotation().unwrap();
    assert!(served.reload(now()).unwrap().0);
    assert_eq!((files.rotation().unwrap(), counts(&served)), (Rotation::None, (1, 1, 2)));
    assert!(served.recognise(old.as_bytes(), now()).is_err());
    served.recognise(new.as_bytes(), now()).unwrap();
    assert_eq!(files.old_root_ends().unwrap(), Some(old_root.validity().not_after.timestamp()));
    files.cut_off_old_root().unwrap();
    assert!(served.reload(now()).unwrap().0);
    assert_eq!((files.old_root_ends().unwrap(), counts(&served)), (None, (1, 1, 1)));
    assert!(files.cut_off_old_root().is_err(), "nobody vouches any more");
    let names: Vec<String> = contents(folder.path()).into_keys().collect();
    assert_eq!(names, before.into_keys().collect::<Vec<_>>(), "nothing is left over");
}

#[test]
fn a_second_rotation_keeps_what_leads_back_to_the_root_before_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let served = open(folder.path());
    let files = served.files().clone();
    let mut roots = vec![files::read(&files.root_certificate).unwrap().unwrap()];
    for round in 0..2 {
        files.begin_rotation(now()).unwrap();
        served.reload(now()).unwrap();
        assert_eq!(
            counts(&served),
            (2, 2, 1 + round),
            "until the switch, only words for the root that signs"
        );
        files.cancel_rotation().unwrap();
        served.reload(now()).unwrap();
        assert_eq!(counts(&served), (1, 1, 1 + round), "taken back, and only that");
        files.begin_rotation(now()).unwrap();
        files.switch_rotation().unwrap();
        served.reload(now()).unwrap();
        files.retire_rotation().unwrap();
        served.reload(now()).unwrap();
        roots.push(files::read(&files.root_certificate).unwrap().unwrap());
    }
    let chain = String::from_utf8(served.server_pems().0).unwrap();
    let ders: Vec<_> = blocks(&chain).into_iter().map(|(_, der)| der).collect();
    let oldest = first_der(&roots[0]).unwrap();
    let path: Vec<_> = ders.iter().chain([&oldest]).map(|der| parse(der).unwrap()).collect();
    assert_eq!(path.len(), 4);
    assert!(path.windows(2).all(|pair| is_issued_by(&pair[0], &pair[1])));
}

#[test]
fn a_first_step_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(folder.path()).files().clone();
    let before = contents(folder.path());
    files.begin_rotation(now()).unwrap();
    assert_ne!(contents(folder.path()), before);
    files.cancel_rotation().unwrap();
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_second_step_that_was_interrupted_is_finished_when_the_folder_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let files = open(folder.path()).files().clone();
    files.begin_rotation(now()).unwrap();
    // The root's key has its new place, its certificate has not, and the certifier has not been touched.
    fs::rename(folder.path().join("rootCA.next.key"), folder.path().join("rootCA.key")).unwrap();
    let next = fs::read_to_string(folder.path().join("rootCA.next.pem")).unwrap();
    let opened = open(folder.path());
    assert!(String::from_utf8(opened.root_pem()).unwrap().starts_with(next.trim_end()));
    assert_eq!(files.rotation().unwrap(), Rotation::Begun);
    files.switch_rotation().unwrap();
    assert_eq!(files.rotation().unwrap(), Rotation::Switched);
    open(folder.path());
}

#[test]
fn an_existing_certifier_with_several_name_parts_is_followed_and_a_root_without_key_stays() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    // Without an end of line, as some tools leave it.
    write("certifier.pem", include_str!("../../tests/data/certifier-rsa.pem").trim_end());
    write("certifier.key", include_str!("../../tests/data/rsa-pkcs1.pem"));
    fs::remove_file(folder.path().join("rootCA.key")).unwrap();
    let served = open(folder.path());
    let old = served.issue_operator("ann", now()).unwrap().certificate.pem;
    served.files().begin_rotation(now()).unwrap();
    served.files().switch_rotation().unwrap();
    served.reload(now()).unwrap();
    assert_eq!(counts(&served), (1, 2, 1));
    served.recognise(old.as_bytes(), now()).unwrap();
    served.issue_operator("bob", now()).unwrap();
}

#[test]
fn what_does_not_fit_is_not_taken_up_and_nothing_missing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let served = open(folder.path());
    let before = (served.certifier_pem(), served.server_pems());
    for (name, text) in [("certifier.key", Some("nonsense")), ("controller.crt", None), ("rootCA.pem", None)]
    {
        let path = folder.path().join(name);
        let good = fs::read(&path).unwrap();
        match text {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        assert!(served.reload(now()).unwrap_err().to_string().contains(name));
        assert_eq!((served.certifier_pem(), served.server_pems()), before);
        assert_eq!(path.exists(), text.is_some(), "{name}");
        fs::write(&path, good).unwrap();
    }
    assert_eq!(served.reload(now()).unwrap(), (false, vec![]));
}

#[test]
fn the_server_certificate_is_renewed_when_told_to_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let day = Duration::from_secs(86_400);
    let served = CertificateAuthorities::open_known(folder.path(), now()).unwrap().authorities;
    let first = served.server_pems();
    served.renew_server(now() + day).unwrap();
    let second = served.server_pems();
    assert_ne!(first.0, second.0);
    assert_eq!(first.1, second.1, "the key stays");
    assert_eq!(served.reload(now() + 600 * day).unwrap(), (false, vec![]));
    let (changed, events) = served.reload(now() + 710 * day).unwrap();
    assert!(changed && events.len() == 1, "{events:?}");
    fs::remove_file(folder.path().join("rootCA.key")).unwrap();
    assert!(served.renew_server(now()).unwrap_err().to_string().contains("renewed where it comes from"));
}
