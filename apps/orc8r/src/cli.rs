//! The command line: what `orc8r` can be told to do.

mod admin;
mod alert_flags;
mod audit;
mod backup;
mod cert;
mod check_config;
mod doctor;
mod logs;
mod metrics_flags;
mod open_files;
mod output;
mod rotation;
mod serve;
mod token;
mod transfer;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser, Subcommand};
use orc8r_store::{Database, Store};

use crate::data_folder::DataFolder;
use output::Output;

/// The Orchestrator: the cloud of a network of gateways, in one program.
#[derive(Parser)]
#[command(name = "orc8r", version)]
struct Arguments {
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve gateways and operators until told to stop (SIGTERM or Ctrl-C)
    Serve(Box<serve::Serve>),
    /// Operators: who administers, and their certificates
    #[command(subcommand, alias = "operator")]
    Admin(admin::Admin),
    /// API tokens, for programs
    #[command(subcommand)]
    Token(token::Token),
    /// Which client certificates are accepted, and the certificates of this Orchestrator
    #[command(subcommand, alias = "certs")]
    Cert(cert::Cert),
    Doctor(doctor::DoctorCommand),
    CheckConfig(Box<check_config::CheckConfigCommand>),
    Backup(backup::BackupCommand),
    Restore(backup::RestoreCommand),
    Export(transfer::ExportCommand),
    Import(Box<transfer::ImportCommand>),
}

/// Where the Orchestrator keeps everything.
#[derive(clap::Args)]
struct DataDir {
    /// The data folder; made at the first start of `serve`
    #[arg(long, value_name = "DIR", default_value = "/var/lib/orc8r")]
    data_dir: PathBuf,
    /// The database: postgres://USER:PASSWORD@HOST/DATABASE (many nodes), or a file
    ///
    /// Without it, the URL in the data folder's file database.url counts, which keeps the password off the command line;
    /// and without that, the data folder's own file orc8r.db.
    #[arg(long, value_name = "URL|FILE")]
    database: Option<Database>,
}

impl DataDir {
    fn folder(&self) -> DataFolder {
        DataFolder::at(&self.data_dir)
    }

    /// The database of a folder that has been served before.
    fn store(&self) -> Result<Store> {
        let folder = self.folder();
        anyhow::ensure!(
            !folder.is_being_restored(),
            "a restore was interrupted: it is carried out when `orc8r serve` starts"
        );
        let database =
            folder.database_or(self.database.as_ref()).context("cannot tell where the database is")?;
        if let Some(file) = database.file() {
            anyhow::ensure!(
                file.exists(),
                "there is no {}: name the folder of an Orchestrator with --data-dir, and start `orc8r serve` there once",
                file.display()
            );
        }
        Ok(Store::at(&database)?)
    }
}

/// What the program understands, for completions and man pages.
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Does what the arguments say; the first one is the program's name.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Also asked-for help and version, which go to standard output with code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut out = Output::new(arguments.json);
    match execute(arguments.command, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<NotWell>() => ExitCode::FAILURE,
        Err(error) => {
            out.fail(&error);
            ExitCode::FAILURE
        }
    }
}

/// A command that has said what it found, and that it is not well: its exit status is 1.
#[derive(Debug, thiserror::Error)]
#[error("not everything is well")]
struct NotWell;

fn execute(command: Command, out: &mut Output) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let done = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve::run(*serve, out).await,
            Command::Admin(command) => admin::run(command, out).await,
            Command::Token(command) => token::run(command, out).await,
            Command::Cert(command) => cert::run(command, out).await,
            Command::Doctor(command) => doctor::run(command, out).await,
            Command::CheckConfig(command) => check_config::run(*command, out).await,
            Command::Backup(command) => backup::backup(command, out).await,
            Command::Restore(command) => backup::restore(command, out).await,
            Command::Export(command) => transfer::run_export(command, out).await,
            Command::Import(command) => transfer::run_import(*command, out).await,
        }
    });
    // What was to be waited for has been; a command that was told to end at once does not wait for the rest.
    runtime.shutdown_background();
    done
}
