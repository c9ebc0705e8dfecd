//! `orc8r export`, `orc8r import`: what an operator configured, out of one Orchestrator and into another.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use magma_rpc::http_session::HttpSession;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use orc8r_transfer::{Extent, Keys, Limits, Manner, Orchestrator, Snapshot, import, read};

use super::output::Output;
use crate::data_folder::DataFolder;
use crate::web_peer::SYSTEM_AUTHORITIES;

/// Write what is configured in a running Orchestrator, ours or an existing one, into a file
#[derive(Args)]
pub(super) struct ExportCommand {
    /// The Orchestrator's REST API
    #[arg(long, value_name = "URL", default_value = LOCAL)]
    url: String,
    #[command(flatten)]
    access: Access,
    /// The data folder of an Orchestrator on this machine, whose administrator is used when --cert is not given
    #[arg(long, value_name = "DIR", default_value = "/var/lib/orc8r")]
    data_dir: PathBuf,
    /// Write subscribers' keys and other secrets too: keep such a file like the keys themselves
    #[arg(long)]
    with_keys: bool,
    /// The file, made anew and readable by its owner alone; without it, standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Bring a file of `export`, or what an existing Orchestrator shows, into ours: run it again at will
#[derive(Args)]
pub(super) struct ImportCommand {
    /// The file that `orc8r export` wrote
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    file: Option<PathBuf>,
    /// Read an existing Orchestrator's REST API instead
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    #[command(flatten)]
    access: Access,
    /// The Orchestrator that it is brought into
    #[arg(long, value_name = "URL", default_value = LOCAL)]
    to: String,
    #[command(flatten)]
    target: TargetAccess,
    /// The data folder of an Orchestrator on this machine, whose administrator is used when --to-cert is not given
    #[arg(long, value_name = "DIR", default_value = "/var/lib/orc8r")]
    data_dir: PathBuf,
    /// Write nothing; list what would be made, changed and refused
    #[arg(long)]
    dry_run: bool,
}

/// Our own REST API on this machine; its certificate is for this name too.
const LOCAL: &str = "https://localhost:9443";

/// Who calls, and whom he trusts.
#[derive(Args, Default)]
struct Access {
    /// The operator's certificate, PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The key of --cert, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// A file with USER:TOKEN, for an Orchestrator that wants an API token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The authorities that may vouch for the server, PEM; without it those of the system, and the data folder's own
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The name that the server's certificate has, if the URL has another one
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
}

/// The same for the Orchestrator that is imported into.
#[derive(Args)]
struct TargetAccess {
    /// The operator's certificate there, PEM
    #[arg(long, value_name = "FILE", requires = "to_key")]
    to_cert: Option<PathBuf>,
    /// The key of --to-cert, PEM
    #[arg(long, value_name = "FILE", requires = "to_cert")]
    to_key: Option<PathBuf>,
    /// A file with USER:TOKEN, if it wants an API token
    #[arg(long, value_name = "FILE")]
    to_token_file: Option<PathBuf>,
    /// The authorities that may vouch for it, PEM
    #[arg(long, value_name = "FILE")]
    to_ca: Option<PathBuf>,
    /// The name that its certificate has, if the URL has another one
    #[arg(long, value_name = "NAME")]
    to_server_name: Option<String>,
}

impl From<TargetAccess> for Access {
    fn from(target: TargetAccess) -> Self {
        Self {
            cert: target.to_cert,
            key: target.to_key,
            token_file: target.to_token_file,
            ca: target.to_ca,
            server_name: target.to_server_name,
        }
    }
}

/// `orc8r export`.
pub(super) async fn run_export(command: ExportCommand, out: &mut Output) -> Result<()> {
    let keys = if command.with_keys { Keys::Included } else { Keys::LeftOut };
    let mut source = orchestrator(&command.url, command.access, Some(&command.data_dir))?;
    let snapshot = read_from(&mut source, keys, &command.url).await?;
    match &command.output {
        None => snapshot.write(out)?,
        Some(file) => write_file(&snapshot, file).with_context(|| file.display().to_string())?,
    }
    let mut err = std::io::stderr();
    for unread in &snapshot.unread {
        writeln!(err, "not read: {}: {}", unread.path, unread.reason)?;
    }
    for remark in &snapshot.remarks {
        writeln!(err, "note: {remark}")?;
    }
    ensure!(snapshot.unread.is_empty(), "{} things could not be read: see above", snapshot.unread.len());
    writeln!(err, "{} objects", snapshot.objects.len())?;
    Ok(())
}

/// `orc8r import`.
pub(super) async fn run_import(command: ImportCommand, out: &mut Output) -> Result<()> {
    let snapshot = match (&command.file, &command.from) {
        (Some(file), _) => {
            let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
            Snapshot::from_file(BufReader::new(opened)).with_context(|| file.display().to_string())?
        }
        (None, Some(url)) => {
            let mut source = orchestrator(url, command.access, None)?;
            read_from(&mut source, Keys::Included, url).await?
        }
        (None, None) => bail!("name a file, or an Orchestrator with --from"),
    };
    let mut target = orchestrator(&command.to, command.target.into(), Some(&command.data_dir))?;
    let manner = if command.dry_run { Manner::DryRun } else { Manner::Write };
    let report = import(&mut target, snapshot, manner, &mut say).await;
    let report = report.with_context(|| format!("cannot read what {} has", command.to))?;
    out.say(&report.to_json(), &report.to_string())?;
    ensure!(report.is_complete(), "not everything is there: see the report above");
    Ok(())
}

async fn read_from(source: &mut Orchestrator, keys: Keys, url: &str) -> Result<Snapshot> {
    read(source, Extent { keys, networks: None }, &mut say)
        .await
        .with_context(|| format!("cannot read {url}"))
}

/// On standard error, so that standard output is the file or the report.
fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "… {what}");
}

fn write_file(snapshot: &Snapshot, path: &Path) -> Result<()> {
    let mut options = File::options();
    let file = options.write(true).create_new(true).mode(0o600).open(path)?;
    let mut file = BufWriter::new(file);
    snapshot.write(&mut file)?;
    Ok(file.into_inner()?.sync_all()?)
}

/// An Orchestrator that can be called. Without a certificate and a token, the administrator of the data folder calls.
fn orchestrator(url: &str, access: Access, data_dir: Option<&Path>) -> Result<Orchestrator> {
    let certificates = data_dir.map(|folder| DataFolder::at(folder).certificates());
    let own = |name: &str| certificates.as_ref().map(|folder| folder.join(name)).filter(|file| file.exists());
    let (mut cert, mut key) = (access.cert, access.key);
    if cert.is_none() && access.token_file.is_none() {
        cert = own("admin_operator.pem");
        key = own("admin_operator.key.pem");
    }
    let identity = match (cert, key) {
        (Some(cert), Some(key)) => {
            let identity = Identity::from_pem(&contents(&cert)?, &contents(&key)?);
            Some(identity.with_context(|| format!("{} and {}", cert.display(), key.display()))?)
        }
        _ if access.token_file.is_some() => None,
        _ => bail!("who calls {url}? Give --cert and --key, or --token-file"),
    };
    let trust = match access.ca {
        Some(file) => {
            TrustAnchors::from_pem(&contents(&file)?).with_context(|| file.display().to_string())?
        }
        None => {
            let system = std::fs::read(SYSTEM_AUTHORITIES).unwrap_or_default();
            let system = TrustAnchors::usable_of_pem(&system);
            match own("rootCA.pem") {
                Some(file) => system.and(TrustAnchors::from_pem(&contents(&file)?)?),
                None => system,
            }
        }
    };
    let tls = ClientTls::new(&trust, identity.as_ref())?;
    let mut session = HttpSession::new(url, &tls, access.server_name.as_deref())?;
    if let Some(file) = access.token_file {
        session = session.with_authorization(&authorization(&file)?);
    }
    Ok(Orchestrator::new(session, Limits::default()))
}

fn authorization(file: &Path) -> Result<String> {
    let text = String::from_utf8(contents(file)?).unwrap_or_default();
    let text = text.trim();
    ensure!(
        text.contains(':') && !text.contains(char::is_whitespace),
        "{} must have one line, USER:TOKEN",
        file.display()
    );
    Ok(format!("Basic {}", STANDARD.encode(text)))
}

fn contents(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
