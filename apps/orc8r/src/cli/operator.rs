//! `orc8r operator`: who administers. Works while the Orchestrator runs.

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

use super::DataDir;

#[derive(Subcommand)]
pub(super) enum OperatorCommand {
    /// List the operators and what they may do
    List {
        #[command(flatten)]
        data: DataDir,
    },
}

pub(super) async fn run(command: OperatorCommand, out: &mut impl Write) -> Result<()> {
    let OperatorCommand::List { data } = command;
    for (name, access) in data.store()?.operators().await? {
        writeln!(out, "{name}")?;
        for (target, permissions) in access.entries() {
            writeln!(out, "  {permissions} {target}")?;
        }
    }
    Ok(())
}
