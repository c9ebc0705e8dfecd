//! Upgrades by packages: to a version that works, and to one whose program ends at once, and back from that.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::cloud;
use super::gateway::property;
use super::machine::{Machine, until};
use crate::package::deb;
use crate::sign_upgrade;

/// Published beside the version that is installed first.
pub struct Versions {
    /// Installed first.
    pub first: &'static str,
    /// Works, and is the same program.
    pub good: String,
    /// Its program ends at once.
    pub bad: String,
}

/// Builds the packages of all versions, signed, in `stage`; where the first one is, in the machine.
pub fn publish(root: &Path, program: &Path, stage: &Path) -> Result<(Versions, String)> {
    let first = env!("CARGO_PKG_VERSION");
    let versions = Versions { first, good: format!("{first}-2"), bad: format!("{first}-3") };
    let ends_at_once = stage.join("ends-at-once");
    fs::write(&ends_at_once, "#!/bin/sh\nexit 1\n")?;
    fs::set_permissions(&ends_at_once, fs::Permissions::from_mode(0o755))?;
    let key = stage.join("upgrade.key");
    sign_upgrade::new_key(&key)?;
    let mut package = PathBuf::new();
    for (version, program) in
        [(&*versions.bad, &*ends_at_once), (&versions.good, program), (versions.first, program)]
    {
        let folder = stage.join("downloads").join(version);
        fs::create_dir_all(&folder)?;
        let built = deb::build(root, &deb::MAGMAD, program, version, stage)?;
        package = folder.join(built.file_name().context("a file")?);
        fs::rename(&built, &package)?;
        sign_upgrade::sign(&[&key.to_string_lossy()], &folder)?;
    }
    let within = Path::new("/srv/check").join(package.strip_prefix(stage)?);
    Ok((versions, within.to_string_lossy().into_owned()))
}

/// dpkg runs in a unit of its own, and the package's script starts the new agent while it does.
pub fn to_one_that_works(machine: &Machine, versions: &Versions) -> Result<()> {
    let before = property(machine, "MainPID")?;
    ends(machine, &versions.good, "healthy")?;
    ensure!(installed(machine)? == versions.good, "the package is {}", installed(machine)?);
    ensure!(property(machine, "MainPID")? != before, "the agent of before runs");
    is_well(machine)
}

/// Nobody but the program of before can take this one back.
pub fn to_one_that_ends_at_once(machine: &Machine, versions: &Versions) -> Result<()> {
    let before = machine.run(&["sha256sum", "/usr/bin/magmad"])?;
    ends(machine, &versions.bad, "rolled_back")?;
    ensure!(installed(machine)? == versions.good, "the package is {}", installed(machine)?);
    ensure!(machine.run(&["sha256sum", "/usr/bin/magmad"])? == before, "it is another program");
    let journal =
        machine.run(&["journalctl", "--no-pager", "--unit=magma-rollback", "--unit=magma-upgrade"])?;
    ensure!(journal.contains("magma-rollback"), "systemd did not go back:\n{journal}");
    is_well(machine)
}

fn ends(machine: &Machine, version: &str, outcome: &str) -> Result<()> {
    cloud::set_version(machine, version)?;
    until("the tier's version on the gateway", 150, || {
        let stored = machine.run(&["cat", "/var/opt/magma/configs/gateway.mconfig"])?;
        Ok(stored.contains(&format!("\"{version}\"")).then_some(()))
    })?;
    machine.run(&["magmad", "upgrade", "now"])?;
    until(&format!("{version} {outcome}"), 240, || {
        // While dpkg works, there may be no program.
        let said = machine.try_run(&["magmad", "upgrade", "status", "--json"])?;
        let status: Value = serde_json::from_str(&said).unwrap_or_default();
        let last = &status["last"];
        Ok((last["version"] == version && last["outcome"] == outcome).then_some(()))
    })
    .with_context(|| machine.try_run(&["magmad", "upgrade", "status"]).unwrap_or_default())
}

fn installed(machine: &Machine) -> Result<String> {
    machine.run(&["dpkg-query", "--show", "--showformat=${Version}", "magmad"])
}

/// It runs, the cloud takes it, and no unit of an upgrade is left.
fn is_well(machine: &Machine) -> Result<()> {
    until("an agent whose cloud takes it", 240, || Ok(machine.run(&["magmad", "status"]).ok()))?;
    ensure!(property(machine, "ActiveState")? == "active", "magmad.service is not active");
    until("the end of the units of upgrades", 240, || {
        let units = machine.run(&["systemctl", "list-units", "--no-legend", "magma-*"])?;
        Ok(units.trim().is_empty().then_some(()))
    })
}
