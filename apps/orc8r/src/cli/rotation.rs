//! `orc8r cert rotate-ca`, `renew` and `status`: the certificates in the data folder. They work while the Orchestrator
//! runs, which takes up what changes within seconds.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use orc8r_ca::{CertificateAuthorities, CertificateFacts, CertificateFiles, Rotation, certificates_of};
use orc8r_model::Identity;
use orc8r_store::Store;
use serde_json::{Value, json};

use super::cert::date;
use super::output::Output;
use super::{DataDir, audit};

/// A step of the rotation of root and certifier.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Step {
    /// Make new authorities, trusted beside the old ones, which go on signing
    Begin,
    /// Let the new ones sign; the old ones are still trusted, and their keys are gone
    Switch,
    /// Trust the old ones no longer; gateways that have only the old root go on until it ends
    Retire,
    /// Serve gateways that have only the old root no longer
    CutOff,
    /// Take `begin` back
    Cancel,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Switch => "switch",
            Self::Retire => "retire",
            Self::CutOff => "cut-off",
            Self::Cancel => "cancel",
        }
    }

    fn what_next(self) -> &'static str {
        match self {
            Self::Begin => {
                "New authorities are trusted beside the old ones.\n\
                 Next: with several nodes, copy the folder certs to each. Give rootCA.pem to gateways as far as you can.\n\
                 Then: orc8r cert rotate-ca switch\n"
            }
            Self::Switch => {
                "The new authorities sign; what the old ones issued is still accepted.\n\
                 Next: with several nodes, copy the folder certs to each, and restart one after the other. Gateways get new\n\
                 client certificates within four days by themselves; issue operators new ones (orc8r admin issue NAME).\n\
                 Then: orc8r cert rotate-ca retire\n"
            }
            Self::Retire => {
                "The old authorities are not trusted any more.\n\
                 Next: with several nodes, copy the folder certs to each.\n\
                 Gateways that have only the old rootCA.pem go on until it ends (orc8r cert status): give them the new one before.\n\
                 If the old root's key is in wrong hands, give it to them at once, and then: orc8r cert rotate-ca cut-off\n"
            }
            Self::CutOff => {
                "Gateways that have only the old root are served no more.\n\
                 Next: with several nodes, copy the folder certs to each, and remove rootCA.cross.pem there.\n"
            }
            Self::Cancel => "The new authorities are gone; they had signed nothing.\n",
        }
    }
}

/// Takes a step.
pub(super) async fn rotate(data: &DataDir, step: Step, force: bool, out: &mut Output) -> Result<()> {
    let folder = data.folder().certificates();
    let files = CertificateFiles::under(&folder);
    require(&files)?;
    let now = SystemTime::now();
    // A database that is down is no reason to keep a certificate that has to go.
    let store = data.store();
    match step {
        Step::Begin => files.begin_rotation(now)?,
        Step::Cancel => files.cancel_rotation()?,
        Step::Switch => {
            files.switch_rotation()?;
            // Has the new root sign the server's certificate.
            CertificateAuthorities::open_known(&folder, now)?;
        }
        Step::Retire => {
            if files.rotation()? == Rotation::Switched && !force {
                refuse_to_lock_out(&files, store.as_ref().ok(), now).await?;
            }
            CertificateAuthorities::open_known(&folder, now)?;
            files.retire_rotation()?;
        }
        Step::CutOff => files.cut_off_old_root()?,
    }
    if let Ok(store) = &store {
        audit::note(store, &format!("cert rotate-ca {}", step.name()), None, Some(json!({}))).await;
    }
    let document = json!({ "step": step.name(), "rotation": state(files.rotation()?) });
    out.say(&document, step.what_next())
}

fn require(files: &CertificateFiles) -> Result<()> {
    let certifier = &files.certifier_certificate;
    if certifier.exists() {
        return Ok(());
    }
    bail!("there is no {}: name the folder of an Orchestrator with --data-dir", certifier.display())
}

/// Operators whose certificates the old authority issued: they would not get in any more.
async fn refuse_to_lock_out(files: &CertificateFiles, store: Option<&Store>, now: SystemTime) -> Result<()> {
    let Some(store) = store else {
        bail!(
            "the database cannot be asked whose certificates would not be accepted any more: --force does it anyway"
        );
    };
    let certifier = &files.certifier_certificate;
    let switched = std::fs::metadata(certifier).and_then(|file| file.modified());
    let switched = seconds(switched.with_context(|| certifier.display().to_string())?);
    // Certificates begin an hour before they are issued.
    let old = |from: i64, until: i64| from + 3600 < switched && until > seconds(now);
    let certificates = store.certificates().await?;
    let operators: Vec<String> = certificates
        .into_iter()
        .filter(|(_, info)| old(info.not_before, info.not_after))
        .filter_map(|(serial, info)| match info.identity {
            Identity::Operator { name } => Some(format!("{name} ({serial})")),
            _ => None,
        })
        .collect();
    if operators.is_empty() {
        return Ok(());
    }
    bail!(
        "the old authority issued certificates of operators that would not be accepted any more: {}. Issue them new ones \
         (orc8r admin issue NAME) and revoke the old (orc8r cert revoke SERIAL), or do it anyway with --force",
        operators.join(", ")
    )
}

/// Renews the server's certificate.
pub(super) async fn renew(data: &DataDir, out: &mut Output) -> Result<()> {
    let folder = data.folder().certificates();
    let now = SystemTime::now();
    let authorities = CertificateAuthorities::open_known(&folder, now)?.authorities;
    authorities.renew_server(now)?;
    if let Ok(store) = data.store() {
        audit::note(&store, "cert renew", None, Some(json!({}))).await;
    }
    let file = &authorities.files().server_certificate;
    let until = ends(file)?.unwrap_or_default();
    let document = json!({ "file": file, "not_after": until });
    let text = format!(
        "{} is valid until {}; an Orchestrator that runs serves it within seconds\n",
        file.display(),
        date(until)
    );
    out.say(&document, &text)
}

/// When the first certificate of a file ends.
fn ends(file: &Path) -> Result<Option<i64>> {
    let pem = std::fs::read(file).with_context(|| file.display().to_string())?;
    Ok(certificates_of(&pem).into_iter().next().map(|facts| facts.not_after))
}

/// Shows what is in the folder.
pub(super) fn status(data: &DataDir, out: &mut Output) -> Result<()> {
    let files = CertificateFiles::under(&data.folder().certificates());
    require(&files)?;
    let rotation = state(files.rotation()?);
    let (mut shown, mut text) = (Vec::new(), String::new());
    for (what, path) in named(&files) {
        let Ok(pem) = std::fs::read(path) else { continue };
        for facts in certificates_of(&pem) {
            shown.push(document(what, path, &facts));
            let _ = writeln!(text, "{what:<24}{:<24}{}", date(facts.not_after), facts.serial);
        }
    }
    let _ = writeln!(text, "rotation of the authorities: {rotation}");
    let old_root = files.old_root_ends()?;
    if let Some(end) = old_root {
        let _ = writeln!(text, "gateways that have only the old root are served until {}", date(end));
    }
    out.say(&json!({ "certificates": shown, "rotation": rotation, "old_root_until": old_root }), &text)
}

/// The certificates that serve, by what they are for.
pub(super) fn named(files: &CertificateFiles) -> [(&'static str, &Path); 4] {
    [
        ("root", files.root_certificate.as_path()),
        ("certifier", &files.certifier_certificate),
        ("server", &files.server_certificate),
        ("administrator", &files.admin_certificate),
    ]
}

fn document(what: &str, path: &Path, facts: &CertificateFacts) -> Value {
    json!({
        "what": what, "file": path, "serial": facts.serial, "common_name": facts.common_name,
        "not_before": facts.not_before, "not_after": facts.not_after,
    })
}

fn state(rotation: Rotation) -> &'static str {
    match rotation {
        Rotation::None => "none",
        Rotation::Begun => "begun",
        Rotation::Switched => "switched",
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
