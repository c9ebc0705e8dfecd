//! The steps that need nobody but this machine: files, identity, clock, disk, certificates.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_config::{GatewayConfig, Paths, Problem, Severity};
use magma_identity::{CertificatePair, ChallengeKey, HardwareId, IdentityError, PairError};
use magma_rpc::tls::TrustAnchors;
use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};

use super::{Examination, Finding};
use crate::bootstrap::clock::span;
use crate::trust;

/// 2024-01-01, in Unix seconds. A clock before that was never set.
const NEVER_SET_BEFORE: u64 = 1_704_067_200;

/// What the agent needs for its files, in bytes: below the first it cannot work, below the second it soon will not.
const DISK_NEEDED: u64 = 4 << 20;
const DISK_WANTED: u64 = 64 << 20;

const SET_CLOCK: &str =
    "set this machine's clock by NTP: timedatectl set-ntp true, or chronyd; on OpenWrt sysntpd";

/// The yml files.
pub(super) fn configuration(found: &mut Vec<Finding>, problems: &[Problem]) {
    let errors: Vec<&Problem> =
        problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    found.push(match errors.first() {
        Some(first) => Finding::fail(
            "configuration",
            match errors.len() {
                1 => first.to_string(),
                count => format!("{count} errors; the first: {first}"),
            },
            "mend it; magmad check-config shows all of them",
        ),
        None => {
            let count = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
            let says = "the agent can run with its files".to_owned();
            match count {
                0 => Finding::ok("configuration", says),
                _ => Finding::warn(
                    "configuration",
                    format!("{says}; {count} warnings"),
                    "see magmad check-config",
                ),
            }
        }
    });
}

/// The hardware id and the challenge key, neither of which is made here.
pub(super) fn identity(
    found: &mut Vec<Finding>,
    examination: &Examination,
    config: &GatewayConfig,
) -> Option<HardwareId> {
    let makes = "magmad makes it at its first start; magmad show makes it now";
    let finding = |step: &str, error: &IdentityError| match error {
        IdentityError::Missing { path, .. } => {
            Finding::warn(step, format!("{} is missing", path.display()), makes)
        }
        other => {
            Finding::fail(step, other.to_string(), "put the former file back, or remove it and register anew")
        }
    };
    let hardware_id = HardwareId::load(&examination.paths.hardware_id_file());
    found.push(match &hardware_id {
        Ok(id) => Finding::ok("hardware id", id.to_string()),
        Err(error) => finding("hardware id", error),
    });
    let key = examination.paths.resolve(&config.magmad.challenge_key);
    found.push(match ChallengeKey::load(&key) {
        Ok(_) if open_to_others(&key) => readable_by_others("challenge key", &key),
        Ok(_) => Finding::ok("challenge key", key.display().to_string()),
        Err(error) => finding("challenge key", &error),
    });
    hardware_id.ok()
}

/// Whether the clock can be right. How far it is from the cloud's shows when the bootstrapper answers.
pub(super) fn clock(found: &mut Vec<Finding>, examination: &Examination) {
    let seconds = examination.now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    found.push(if seconds < NEVER_SET_BEFORE {
        Finding::fail("clock", "this machine's clock was never set", SET_CLOCK)
    } else {
        Finding::ok("clock", crate::cli::moment::date(seconds))
    });
}

/// Room and permission where the agent keeps what it must not lose.
pub(super) fn disk(found: &mut Vec<Finding>, examination: &Examination) {
    let folder = examination.paths.resolve(Path::new("/var/opt/magma"));
    let nearest = folder.ancestors().find(|folder| folder.exists()).map(Path::to_owned).unwrap_or_default();
    let shown = folder.display();
    let Ok(system) = statvfs(&nearest) else {
        found.push(Finding::fail("disk", format!("{shown} cannot be looked at"), "check that it is mounted"));
        return;
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let megabytes = free / 1_000_000;
    found.push(if system.f_flag.contains(StatVfsMountFlags::RDONLY) {
        let next = "mount it writable (mount -o remount,rw), and look at dmesg for why it is not";
        Finding::fail("disk", format!("{shown} is on a read-only file system"), next)
    } else if access(&nearest, Access::WRITE_OK).is_err() {
        let next = "run magmad as root, or give its user this folder";
        Finding::fail("disk", format!("{shown} cannot be written by this user"), next)
    } else if free < DISK_NEEDED || (system.f_files > 0 && system.f_favail == 0) {
        let says = format!("{shown} has {megabytes} MB and {} files left", system.f_favail);
        Finding::fail("disk", says, "remove what is not needed there; du -x shows what is large")
    } else if free < DISK_WANTED {
        let says = format!("{shown} has only {megabytes} MB left");
        Finding::warn("disk", says, "remove what is not needed there; du -x shows what is large")
    } else {
        Finding::ok("disk", format!("{shown} has {megabytes} MB left"))
    });
}

/// Whom this gateway trusts.
pub(super) fn root_certificate(
    found: &mut Vec<Finding>,
    examination: &Examination,
    config: &GatewayConfig,
) -> Option<TrustAnchors> {
    let proxy = &config.control_proxy;
    let file = examination.paths.resolve(&proxy.rootca_cert);
    match trust::anchors(proxy, &examination.paths) {
        Ok(trust) => {
            found.push(Finding::ok("root certificate", file.display().to_string()));
            Some(trust)
        }
        Err(error) => {
            let next = format!(
                "copy rootCA.pem of your cloud to {}, or correct rootca_cert in control_proxy.yml",
                file.display()
            );
            found.push(Finding::fail("root certificate", error.to_string(), next));
            None
        }
    }
}

/// Who this gateway is to the cloud, and until when.
pub(super) fn gateway_certificate(
    found: &mut Vec<Finding>,
    examination: &Examination,
    config: &GatewayConfig,
    hardware_id: Option<&HardwareId>,
) -> Option<CertificatePair> {
    const STEP: &str = "gateway certificate";
    let proxy = &config.control_proxy;
    let [cert, key] = [&proxy.gateway_cert, &proxy.gateway_key].map(|path| examination.paths.resolve(path));
    let pair = match CertificatePair::peek(&cert, &key) {
        Ok(pair) => pair,
        Err(error @ PairError::Missing { .. }) => {
            let next =
                "a registered gateway gets one within a minute of magmad's start; see the step registration";
            found.push(Finding::warn(STEP, error.to_string(), next));
            return None;
        }
        Err(error) => {
            let next = format!("remove {} and {}: magmad then gets new ones", cert.display(), key.display());
            found.push(Finding::fail(STEP, error.to_string(), next));
            return None;
        }
    };
    found.push(match validity(&pair, examination.now) {
        Err((says, next)) => Finding::fail(STEP, says, next),
        Ok(_) if hardware_id.is_some_and(|id| !pair.common_name().eq_ignore_ascii_case(id.as_str())) => {
            Finding::fail(
                STEP,
                format!("it is for {}, but this gateway is {}", pair.common_name(), shown(hardware_id)),
                format!(
                    "this looks like a cloned disk: remove {} and {}, and register this gateway by its own id",
                    cert.display(),
                    key.display()
                ),
            )
        }
        Ok(_) if open_to_others(&key) => readable_by_others(STEP, &key),
        Ok(left) => Finding::ok(STEP, format!("valid for another {}", span(left))),
    });
    Some(pair)
}

/// How long the certificate is still valid, or what is wrong with its dates.
fn validity(pair: &CertificatePair, now: SystemTime) -> Result<Duration, (String, String)> {
    if let Ok(early) = pair.not_before().duration_since(now)
        && !early.is_zero()
    {
        let says = format!("it becomes valid only in {}: this machine's clock is behind", span(early));
        return Err((says, SET_CLOCK.to_owned()));
    }
    pair.not_after().duration_since(now).map_err(|late| {
        let next = format!(
            "if the clock is right, magmad gets a new one when it runs and the bootstrapper can be reached; if not, {SET_CLOCK}"
        );
        (format!("it expired {} ago", span(late.duration())), next)
    })
}

fn shown(hardware_id: Option<&HardwareId>) -> &str {
    hardware_id.map_or("unknown", HardwareId::as_str)
}

fn open_to_others(key: &Path) -> bool {
    fs::metadata(key).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

fn readable_by_others(step: &str, key: &Path) -> Finding {
    let file = key.display();
    Finding::warn(step, format!("{file} can be read by other users"), format!("chmod 600 {file}"))
}

/// The file that `key` of `control_proxy.yml` is set in: the override if there is one.
pub(super) fn control_proxy_yml(paths: &Paths) -> PathBuf {
    let over = paths.override_dir().join("control_proxy.yml");
    let bases = paths.base_dirs().into_iter().map(|folder| folder.join("control_proxy.yml"));
    let mut all = std::iter::once(over.clone()).chain(bases);
    all.find(|file| file.exists()).unwrap_or(over)
}
