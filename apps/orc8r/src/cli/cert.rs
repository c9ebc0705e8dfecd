//! `orc8r cert`: the client certificates that are accepted, and those of the Orchestrator. Works while it runs.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use orc8r_ca::{CertificateFacts, CertificateFiles, recognise};
use orc8r_model::{AccessList, AccessTarget, CertificateInfo, Identity, NetworkId, Permissions};
use orc8r_store::{Store, StoreError};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::output::Output;
use super::rotation::{self, Step};
use super::{DataDir, audit};

#[derive(Subcommand)]
pub(super) enum Cert {
    /// Accept a certificate that the client authority has issued elsewhere, as that of an operator
    Import {
        #[command(flatten)]
        data: DataDir,
        /// The operator's name
        #[arg(long, value_name = "NAME")]
        operator: String,
        /// Give the operator every permission
        #[arg(long)]
        admin: bool,
        /// Give the operator one network, to read and to change; ends in `:R` to read only
        #[arg(long, value_name = "NETWORK[:R]", conflicts_with = "admin")]
        network: Vec<String>,
        /// The certificate, PEM or DER; X.509 version 1 will do
        file: PathBuf,
    },
    /// List the accepted certificates
    List {
        #[command(flatten)]
        data: DataDir,
    },
    /// Accept a certificate no longer
    Revoke {
        #[command(flatten)]
        data: DataDir,
        /// Its serial number, in hexadecimal
        serial: String,
    },
    /// Show the Orchestrator's own certificates and when they end
    Status {
        #[command(flatten)]
        data: DataDir,
    },
    /// Make the server's certificate anew now; it is made anew by itself 30 days before it ends
    Renew {
        #[command(flatten)]
        data: DataDir,
    },
    /// Replace the authorities by new ones, in steps between which old and new certificates are accepted
    RotateCa {
        #[command(flatten)]
        data: DataDir,
        /// The step to take
        step: Step,
        /// Retire the old authorities even if operators have no other certificates
        #[arg(long)]
        force: bool,
    },
}

pub(super) async fn run(cert: Cert, out: &mut Output) -> Result<()> {
    match cert {
        Cert::Import { data, operator, admin, network, file } => {
            let access = access(admin, &network)?;
            import(&data, operator, access, file, out).await
        }
        Cert::List { data } => list(&data.store()?, out).await,
        Cert::Status { data } => rotation::status(&data, out),
        Cert::Renew { data } => rotation::renew(&data, out).await,
        Cert::RotateCa { data, step, force } => rotation::rotate(&data, step, force, out).await,
        Cert::Revoke { data, serial } => {
            // openssl prints serial numbers with colons.
            revoke(&data.store()?, &serial.replace(':', "").to_ascii_uppercase(), out).await
        }
    }
}

async fn revoke(store: &Store, serial: &str, out: &mut Output) -> Result<()> {
    let owner = store.certificate(serial).await?.map(|info| info.identity);
    match store.revoke_certificate(serial).await {
        Err(error @ StoreError::NotFound { .. }) => {
            bail!("{error}: `orc8r cert list` shows the accepted ones")
        }
        revoked => revoked?,
    }
    let owned = owner.as_ref().map(ToString::to_string);
    let before = json!({ "serial": serial, "owner": owned });
    audit::note(store, &format!("cert revoke {serial}"), Some(before), None).await;
    let mut text = format!("certificate {serial} is not accepted any more\n");
    if let Some(Identity::Gateway { hardware_id }) = owner {
        let _ = writeln!(
            text,
            "gateway {hardware_id} will bootstrap a new certificate by its challenge key: to lock it out, delete the \
             gateway or its device"
        );
    }
    out.say(&json!({ "revoked": serial, "owner": owned }), &text)
}

/// Whether this can be an operator's name.
pub(super) fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        bail!("an operator's name has 1 to 64 bytes, and no control characters");
    }
    Ok(())
}

/// `None`: as it is.
pub(super) fn access(admin: bool, networks: &[String]) -> Result<Option<AccessList>> {
    if admin {
        return Ok(Some(AccessList::administrator()));
    }
    if networks.is_empty() {
        return Ok(None);
    }
    let mut access = AccessList::default();
    for text in networks {
        let (id, permissions) = match text.split_once(':') {
            None => (text.as_str(), Permissions::READ_WRITE),
            Some((id, "R")) => (id, Permissions::READ),
            Some((_, other)) => bail!("':{other}' after a network is not known: write ':R' to read only"),
        };
        access = access.with(AccessTarget::Network(NetworkId::parse(id)?.to_string()), permissions);
    }
    Ok(Some(access))
}

async fn import(
    data: &DataDir,
    operator: String,
    access: Option<AccessList>,
    file: PathBuf,
    out: &mut Output,
) -> Result<()> {
    check_name(&operator)?;
    let store = data.store()?;
    let read =
        |path: &PathBuf| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    let certifier = read(&CertificateFiles::under(&data.folder().certificates()).certifier_certificate)?;
    let facts = recognise(&certifier, &read(&file)?, SystemTime::now())
        .with_context(|| file.display().to_string())?;
    refuse_unfit(&store, &facts).await?;
    let known = store.operator_acl(&operator).await?;
    let access = match (access, known) {
        (Some(access), _) | (None, Some(access)) => access,
        (None, None) => {
            bail!("operator {operator} is new: say what it may do, with --admin or --network NETWORK")
        }
    };
    let identity = Identity::Operator { name: operator.clone() };
    let info = CertificateInfo { identity, not_before: facts.not_before, not_after: facts.not_after };
    store.add_certificate(&facts.serial, info).await?;
    store.put_operator(&operator, access).await?;
    let after = json!({ "serial": facts.serial, "operator": operator });
    audit::note(&store, &format!("cert import --operator {operator}"), None, Some(after.clone())).await;
    out.say(&after, &format!("certificate {} is accepted for operator {operator}\n", facts.serial))
}

/// Refuses what would make a gateway an operator, or undo that a certificate was revoked.
async fn refuse_unfit(store: &Store, facts: &CertificateFacts) -> Result<()> {
    const INSTEAD: &str = "issue the operator a certificate of its own";
    let serial = &facts.serial;
    if let Some(CertificateInfo { identity: Identity::Gateway { hardware_id }, .. }) =
        store.certificate(serial).await?
    {
        bail!("certificate {serial} was issued to gateway {hardware_id}: {INSTEAD}");
    }
    if store.was_revoked(serial).await? {
        bail!("certificate {serial} was revoked here and stays so: {INSTEAD}");
    }
    let Some(name) = &facts.common_name else { return Ok(()) };
    if store.device(name).await?.is_some() || store.gateway_by_hardware_id(name).await?.is_some() {
        bail!("certificate {serial} names the hardware id of a gateway, {name}: {INSTEAD}");
    }
    Ok(())
}

async fn list(store: &Store, out: &mut Output) -> Result<()> {
    // A serial number has up to 20 bytes (RFC 5280, 4.1.2.2).
    let mut text = format!("{:<42}{:<24}{:<24}owner\n", "serial", "from", "until");
    let mut shown = Vec::new();
    for (serial, info) in store.certificates().await? {
        let (from, until) = (date(info.not_before), date(info.not_after));
        let _ = writeln!(text, "{serial:<42}{from:<24}{until:<24}{}", info.identity);
        shown.push(json!({
            "serial": serial, "not_before": info.not_before, "not_after": info.not_after,
            "owner": info.identity.to_string(),
        }));
    }
    out.say(&json!({ "certificates": shown }), &text)
}

pub(super) fn date(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}
