//! `orc8r admin`: who administers. Works while the Orchestrator runs.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use orc8r_ca::CertificateAuthorities;
use orc8r_model::{CertificateInfo, Identity};
use orc8r_store::{Store, StoreError};
use serde_json::{Value, json};

use super::cert::{access, check_name, date};
use super::output::Output;
use super::{DataDir, audit};

#[derive(Subcommand)]
pub(super) enum Admin {
    /// List the operators and what they may do
    List {
        #[command(flatten)]
        data: DataDir,
    },
    /// Issue an operator a certificate and a key, as NAME.pem and NAME.key.pem; a new operator is made
    ///
    /// An operator who is there keeps what he may do unless it is said anew, and keeps his other certificates.
    Issue {
        #[command(flatten)]
        data: DataDir,
        /// The operator's name
        name: String,
        /// Give the operator every permission
        #[arg(long)]
        admin: bool,
        /// Give the operator one network, to read and to change; ends in `:R` to read only
        #[arg(long, value_name = "NETWORK[:R]", conflicts_with = "admin")]
        network: Vec<String>,
        /// Where to put the two files; files that are there are never replaced
        #[arg(long, value_name = "DIR", default_value = ".")]
        out_dir: PathBuf,
    },
    /// Remove an operator, and accept none of his certificates any more
    Remove {
        #[command(flatten)]
        data: DataDir,
        /// The operator's name
        name: String,
    },
}

pub(super) async fn run(command: Admin, out: &mut Output) -> Result<()> {
    match command {
        Admin::List { data } => list(&data.store()?, out).await,
        Admin::Issue { data, name, admin, network, out_dir } => {
            issue(&data, &name, (admin, &network), &out_dir, out).await
        }
        Admin::Remove { data, name } => remove(&data.store()?, &name, out).await,
    }
}

async fn list(store: &Store, out: &mut Output) -> Result<()> {
    let (mut text, mut shown) = (String::new(), Vec::new());
    for (name, access) in store.operators().await? {
        let _ = writeln!(text, "{name}");
        let mut may = Vec::new();
        for (target, permissions) in access.entries() {
            let _ = writeln!(text, "  {permissions} {target}");
            may.push(json!({ "permissions": permissions.to_string(), "target": target.to_string() }));
        }
        shown.push(json!({ "name": name, "may": may }));
    }
    out.say(&json!({ "operators": shown }), &text)
}

async fn issue(
    data: &DataDir,
    name: &str,
    (admin, networks): (bool, &[String]),
    out_dir: &Path,
    out: &mut Output,
) -> Result<()> {
    check_name(name)?;
    if name.contains('/') || name.starts_with('.') {
        bail!("an operator's name becomes a file's: it has no slash, and does not begin with a dot");
    }
    let store = data.store()?;
    let access = match (access(admin, networks)?, store.operator_acl(name).await?) {
        (Some(access), _) | (None, Some(access)) => access,
        (None, None) => {
            bail!("operator {name} is new: say what it may do, with --admin or --network NETWORK")
        }
    };
    let now = SystemTime::now();
    let authorities = CertificateAuthorities::open_known(&data.folder().certificates(), now)?.authorities;
    let credentials = authorities.issue_operator(name, now)?;
    let facts = &credentials.certificate.facts;
    let (certificate, key) = (out_dir.join(format!("{name}.pem")), out_dir.join(format!("{name}.key.pem")));
    create(&key, credentials.key_pem.as_bytes(), 0o600)?;
    create(&certificate, credentials.certificate.pem.as_bytes(), 0o644)?;
    let identity = Identity::Operator { name: name.to_owned() };
    let info = CertificateInfo { identity, not_before: facts.not_before, not_after: facts.not_after };
    store.add_certificate(&facts.serial, info).await?;
    store.put_operator(name, access).await?;
    let after = json!({ "operator": name, "serial": facts.serial });
    audit::note(&store, &format!("admin issue {name}"), None, Some(after)).await;
    let document = json!({
        "operator": name, "serial": facts.serial, "not_after": facts.not_after,
        "certificate": certificate, "key": key,
    });
    let text = format!(
        "{} and {}: operator {name}, until {}; keep the key safe\n",
        certificate.display(),
        key.display(),
        date(facts.not_after)
    );
    out.say(&document, &text)
}

fn create(path: &Path, contents: &[u8], mode: u32) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(contents).and_then(|()| file.sync_all()));
    written.with_context(|| format!("cannot make {}", path.display()))
}

async fn remove(store: &Store, name: &str, out: &mut Output) -> Result<()> {
    let mut revoked = Vec::new();
    match store.delete_operator(name).await {
        Err(error @ StoreError::NotFound { .. }) => {
            bail!("{error}: `orc8r admin list` shows those who are there")
        }
        deleted => deleted?,
    }
    for (serial, info) in store.certificates().await? {
        if matches!(&info.identity, Identity::Operator { name: owner } if owner == name) {
            store.revoke_certificate(&serial).await?;
            revoked.push(Value::String(serial));
        }
    }
    let before = json!({ "operator": name, "certificates": revoked });
    audit::note(store, &format!("admin remove {name}"), Some(before.clone()), None).await;
    let text = format!("operator {name} is gone, with {} certificates\n", revoked.len());
    out.say(&json!({ "removed": before }), &text)
}
