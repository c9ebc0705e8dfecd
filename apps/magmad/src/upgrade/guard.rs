//! `magmad upgrade guard` and `restore`: what the kept program of the agent before does when packages brought an agent that
//! does not start. The unit of `magmad` runs the first before each start, and the first leaves the second to a unit of its
//! own, since packages' scripts restart the agent.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use magma_config::Paths;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::guard::{self, Watched};
use magma_upgrade::program;
use serde_json::json;

use super::command::Said;
use super::{installers, layout};

/// systemd answers within moments.
const SYSTEMD_LIMIT: Duration = Duration::from_secs(60);
/// Between two attempts to put the old packages back.
const RESTORE_PAUSE: Duration = Duration::from_secs(30);
const AGENT: &str = "magmad.service";

/// Counts a start of the agent; after too many of them puts the old packages back, or has that done.
///
/// # Errors
/// When the journal cannot be used or the old packages cannot be put back.
pub async fn guard(paths: &Paths) -> Result<Said> {
    let deb = installers::packages(paths, String::new());
    let Ok(_held) = layout(paths).hold() else {
        bail!("another magmad runs, or the folder of upgrades cannot be opened: this start is not counted");
    };
    let watched = guard::watch(&SystemDisk, &layout(paths), &deb).await.map_err(anyhow::Error::msg)?;
    let said = match watched {
        Watched::Start(why) => why,
        Watched::Restore(why) => {
            tracing::error!("going back to the packages before: {why}");
            if !installers::has_systemd(paths) {
                return restore(paths).await;
            }
            systemd(&RESTORE, &layout(paths).guard()).await?;
            format!("{why}; the unit magma-rollback puts the old packages back")
        }
    };
    Ok((format!("{said}\n").trim_start().to_owned(), json!({ "guard": said })))
}

/// Puts the packages before back, and starts their agent.
///
/// # Errors
/// When they cannot be put back. Whatever is installed then is started.
pub async fn restore(paths: &Paths) -> Result<Said> {
    let (deb, has_systemd) = (installers::packages(paths, String::new()), installers::has_systemd(paths));
    if has_systemd {
        call(&["systemctl", "stop", AGENT]).await?;
    }
    let restored = guard::restore(&SystemDisk, &layout(paths), &deb, RESTORE_PAUSE).await;
    if has_systemd {
        call(&["systemctl", "start", "--no-block", AGENT]).await?;
    }
    let said = restored.map_err(anyhow::Error::msg)?;
    Ok((format!("{said}\n"), json!({ "restore": said })))
}

/// Before the program's path.
const RESTORE: [&str; 5] = ["systemd-run", "--collect", "--no-block", "--unit=magma-rollback", "--"];

async fn systemd(words: &[&str], program: &Path) -> Result<()> {
    let program = program.display().to_string();
    let all = [words, &[&program, "upgrade", "restore"]].concat();
    match call(&all).await {
        // It is at work.
        Err(error) if error.to_string().contains("already") => Ok(()),
        other => other,
    }
}

async fn call(words: &[&str]) -> Result<()> {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    match program::run(&words, SYSTEMD_LIMIT).await {
        Ok(_) => Ok(()),
        Err(reason) => bail!(reason),
    }
}
