//! Certificates, and the clock by which they are judged.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_rpc::tls::Identity as TlsIdentity;
use orc8r_ca::{CertificateFiles, Rotation, certificates_of};
use orc8r_model::Identity;
use orc8r_rest::OwnCertificate;
use orc8r_store::Store;

use super::Finding;

const DAY: i64 = 24 * 3600;
/// Authorities that end sooner are to be rotated: gateways need time to get another root.
const AUTHORITY_WARNING: i64 = 180 * DAY;
/// The server's is made anew 30 days before its end, so one that ends sooner was not.
const LEAF_WARNING: i64 = 29 * DAY;
const OLD_ROOT: &str = "old root";
const OLD_ROOT_NEXT: &str = "give gateways rootCA.pem, then: orc8r cert rotate-ca cut-off";
/// No machine that runs this program has an earlier date: 2026-01-01.
const EARLIEST: i64 = 1_767_225_600;

/// The certificates in the data folder: whether they are there, fit their keys, and last.
pub(crate) fn certificates(files: &CertificateFiles, now: SystemTime) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Served { step, certificate, key, margin, next } in served(files) {
        findings.push(one(step, certificate, key, (margin, next), seconds(now)));
    }
    match files.rotation() {
        Ok(Rotation::None) => {}
        Ok(Rotation::Begun) => findings.push(Finding::warn(
            "rotation",
            "new authorities are trusted and do not sign yet",
            "orc8r cert rotate-ca switch, when every node has them",
        )),
        Ok(Rotation::Switched) => findings.push(Finding::warn(
            "rotation",
            "old authorities are still trusted",
            "orc8r cert rotate-ca retire, when gateways have the new root and operators new certificates",
        )),
        Err(error) => findings.push(Finding::fail("rotation", error.to_string(), "see docs/operating.md")),
    }
    if let Ok(Some(end)) = files.old_root_ends() {
        findings.push(old_root((end - seconds(now)) / DAY));
    }
    findings
}

/// When the same end, for the pages of people; one that cannot be read is not told of.
pub(crate) fn own_certificates(files: &CertificateFiles) -> Vec<OwnCertificate> {
    let facts = |served: Served<'_>| {
        let facts = certificates_of(&std::fs::read(served.certificate).ok()?).into_iter().next()?;
        Some(told(served.step, facts.not_after, (served.margin, served.next)))
    };
    let old_root = files.old_root_ends().ok().flatten();
    let old_root = old_root.map(|end| told(OLD_ROOT, end, (AUTHORITY_WARNING, OLD_ROOT_NEXT)));
    served(files).into_iter().filter_map(facts).chain(old_root).collect()
}

fn told(what: &str, not_after: i64, (soon, next): (i64, &str)) -> OwnCertificate {
    OwnCertificate { what: what.to_owned(), not_after, soon, next: next.to_owned() }
}

/// A certificate that serves or signs.
struct Served<'a> {
    step: &'static str,
    certificate: &'a Path,
    key: Option<&'a Path>,
    margin: i64,
    next: &'static str,
}

fn served(files: &CertificateFiles) -> [Served<'_>; 3] {
    let authority = |step, certificate, key| Served {
        step,
        certificate,
        key,
        margin: AUTHORITY_WARNING,
        next: "rotate the authorities: orc8r cert rotate-ca begin",
    };
    [
        authority("root certificate", &files.root_certificate, None),
        authority("certifier", &files.certifier_certificate, Some(&files.certifier_key)),
        Served {
            step: "server certificate",
            certificate: &files.server_certificate,
            key: Some(&files.server_key),
            margin: LEAF_WARNING,
            next: "orc8r cert renew, or replace it if it comes from elsewhere",
        },
    ]
}

/// Gateways that nobody gave the new root.
fn old_root(days: i64) -> Finding {
    let says = format!("gateways that have no newer one are served for {days} more days");
    match days < AUTHORITY_WARNING / DAY {
        true => Finding::warn(OLD_ROOT, says, OLD_ROOT_NEXT),
        false => Finding::ok(OLD_ROOT, says),
    }
}

fn one(
    step: &'static str,
    certificate: &Path,
    key: Option<&Path>,
    (margin, next): (i64, &'static str),
    now: i64,
) -> Finding {
    let shown = certificate.display();
    let pem = match std::fs::read(certificate) {
        Ok(pem) => pem,
        Err(error) => {
            return Finding::fail(
                step,
                format!("{shown}: {error}"),
                "start `orc8r serve` once, or restore a backup",
            );
        }
    };
    let Some(facts) = certificates_of(&pem).into_iter().next() else {
        return Finding::fail(step, format!("{shown} holds no certificate"), "restore it from a backup");
    };
    if let Some(key) = key {
        let fits = std::fs::read(key)
            .map_err(|error| error.to_string())
            .and_then(|key| TlsIdentity::from_pem(&pem, &key).map(drop).map_err(|error| error.to_string()));
        if let Err(error) = fits {
            return Finding::fail(
                step,
                format!("{}: {error}", key.display()),
                "restore both from the same backup",
            );
        }
    }
    lasts(step, facts.not_before, facts.not_after, (margin, next), now)
}

fn lasts(step: &'static str, from: i64, until: i64, (margin, next): (i64, &str), now: i64) -> Finding {
    let days = (until - now) / DAY;
    if now < from {
        let says = "is not valid yet";
        return Finding::fail(step, says, "check this machine's clock");
    }
    if now > until {
        return Finding::fail(step, format!("ended {} days ago", -days), next);
    }
    match until - now < margin {
        true => Finding::warn(step, format!("ends in {days} days"), next),
        false => Finding::ok(step, format!("ends in {days} days")),
    }
}

/// The certificates of operators: somebody has to be able to administer.
pub(crate) async fn operators(store: &Store, now: SystemTime) -> Finding {
    const STEP: &str = "operators";
    let next = "orc8r admin issue NAME";
    let certificates = match store.certificates().await {
        Ok(certificates) => certificates,
        Err(error) => return Finding::fail(STEP, error.to_string(), "see the step of the database"),
    };
    let now = seconds(now);
    let (mut valid, mut soon) = (0, Vec::new());
    for (_, info) in certificates {
        let Identity::Operator { name } = info.identity else { continue };
        if info.not_after > now {
            valid += 1;
            if info.not_after < now + LEAF_WARNING {
                soon.push(format!("{name} in {} days", (info.not_after - now) / DAY));
            }
        }
    }
    match (valid, soon.is_empty()) {
        (0, _) => {
            Finding::warn(STEP, "no operator has a certificate that is valid: only tokens get in", next)
        }
        (_, false) => Finding::warn(STEP, format!("certificates end: {}", soon.join(", ")), next),
        (_, true) => Finding::ok(STEP, format!("valid certificates: {valid}")),
    }
}

/// Whether this machine's clock can be right.
pub(crate) fn clock(database: Option<&Path>, now: SystemTime) -> Finding {
    const STEP: &str = "clock";
    let next = "set this machine's clock, and keep it by NTP";
    if seconds(now) < EARLIEST {
        return Finding::fail(STEP, "this machine's clock is years behind", next);
    }
    let changed = database.and_then(|file| std::fs::metadata(file).ok()?.modified().ok());
    let ahead = changed.and_then(|changed| changed.duration_since(now).ok());
    match ahead.filter(|ahead| *ahead > Duration::from_secs(60)) {
        Some(ahead) => {
            let says =
                format!("the database was changed {} s in the future: the clock went back", ahead.as_secs());
            Finding::warn(STEP, says, next)
        }
        None => Finding::ok(STEP, "plausible"),
    }
}

fn seconds(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_certificate_is_judged_by_what_is_left_of_it() {
        for (now, verdict, says) in [
            (50, Verdict::Fail, "is not valid yet"),
            (100, Verdict::Ok, "ends in 100 days"),
            (100 + 80 * DAY, Verdict::Warn, "ends in 20 days"),
            (100 + 103 * DAY, Verdict::Fail, "ended 3 days ago"),
        ] {
            let finding = lasts("x", 100, 100 + 100 * DAY, (30 * DAY, "renew"), now);
            assert_eq!((finding.verdict, finding.says.as_str()), (verdict, says));
        }
    }

    #[test]
    fn a_clock_that_went_back_is_noticed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let now = SystemTime::now();
        assert_eq!(clock(Some(file.path()), now).verdict, Verdict::Ok);
        let before = now - Duration::from_secs(3600);
        assert_eq!(clock(Some(file.path()), before).verdict, Verdict::Warn);
        assert_eq!(clock(None, UNIX_EPOCH).verdict, Verdict::Fail);
    }
}
