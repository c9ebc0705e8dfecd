//! `orc8r backup` and `orc8r restore`.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::Args;
use orc8r_store::{Backup, Replace, Store};
use serde_json::json;

use super::cert::date;
use super::output::Output;
use super::{DataDir, audit};
use crate::restore;

/// Write everything that this Orchestrator knows and is into one file, while it runs
///
/// The file has the database (of either kind) and the certificates and keys of the data folder: with it, an Orchestrator
/// comes back as it was. Whoever has it can be this Orchestrator, so keep it like a key. Metrics, events and logs are
/// not in it.
#[derive(Args)]
pub(super) struct BackupCommand {
    #[command(flatten)]
    data: DataDir,
    /// The file to make; one that is there is never replaced
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Bring a backup back, into a data folder and a database that are empty
///
/// The Orchestrator must not run. All of the backup is verified first; then it comes back whole or not at all, also
/// when the power goes. With --database postgres://…, a backup of a SQLite file goes to the server, and the other way
/// round.
#[derive(Args)]
pub(super) struct RestoreCommand {
    #[command(flatten)]
    data: DataDir,
    /// A file made by `orc8r backup`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace what is in the data folder and in the database
    #[arg(long)]
    overwrite: bool,
}

pub(super) async fn backup(command: BackupCommand, out: &mut Output) -> Result<()> {
    let store = command.data.store()?;
    let files = restore::files(&command.data.folder()).context("cannot read the data folder")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let count = files.len();
    let facts = store
        .backup(&command.file, files, env!("CARGO_PKG_VERSION"), i64::try_from(now).unwrap_or(i64::MAX))
        .await?;
    store.close().await;
    let last = command.data.folder().last_backup();
    // For `orc8r doctor` alone, so that a folder that cannot be written to is no reason to have no backup.
    let _ = std::fs::write(last, format!("{now} {}\n", command.file.display()));
    let file = command.file.display();
    let document =
        json!({ "file": command.file, "records": facts.records, "files": count, "created_at": now });
    out.say(&document, &format!("{file}: {} records and {count} files; keep it like a key\n", facts.records))
}

pub(super) async fn restore(command: RestoreCommand, out: &mut Output) -> Result<()> {
    let file = command.file.clone();
    let backup = tokio::task::spawn_blocking(move || Backup::open(&file)).await?;
    let backup = backup.context("cannot read this backup")?;
    let folder = command.data.folder();
    folder.create().context("cannot make the data folder")?;
    let _lock = folder.lock().await.context("cannot use the data folder: stop the Orchestrator first")?;
    let (facts, files) = (backup.facts().clone(), backup.files().len());
    let database =
        folder.database_or(command.data.database.as_ref()).context("cannot tell where the database is")?;
    let replace = if command.overwrite { Replace::Everything } else { Replace::Nothing };
    restore::restore(backup, &folder, &database, replace).await?;
    let when = date(facts.created_at);
    let text = format!(
        "restored {} records and {files} files into {database}, as they were at {when}\n",
        facts.records
    );
    let document = json!({
        "records": facts.records, "files": files, "database": database.to_string(), "created_at": facts.created_at,
    });
    let store = tokio::task::spawn_blocking(move || Store::at(&database)).await??;
    audit::note(&store, "restore", None, Some(document.clone())).await;
    store.close().await;
    out.say(&document, &text)
}
