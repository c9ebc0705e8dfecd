//! `cargo xtask systemd-check`: the Debian packages under a real systemd, in a machine of namespaces.
//!
//! Needs root and a kernel that lets it make namespaces with mounts of their own; else it says `skipped` and why. What
//! the machine writes is thrown away. Limits of memory and tasks hold there only where this machine's cgroup2 has these
//! controllers.

mod cloud;
mod gateway;
mod machine;
mod orchestrator;
mod upgrades;

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::agent::executable;
use crate::package;
use machine::Machine;

/// How much of the journal a failure shows.
const JOURNAL_LINES: &str = "--lines=60";
/// The Orchestrator's package, in what the machine has as `/srv/check`.
const CLOUD: &str = "orc8r.deb";

/// Builds what is needed, boots the machine, and checks one thing after the other; the first failure ends it.
pub fn check(root: &Path) -> Result<()> {
    if let Some(why) = machine::missing() {
        println!("skipped: {why}");
        return Ok(());
    }
    let program = package::program(root)?;
    let stage = tempfile::Builder::new().prefix("magma-systemd-check-").tempdir()?;
    std::fs::copy(lab(root)?, stage.path().join("lab")).context("copying the lab")?;
    let cloud = package::orchestrator::debian(root)?;
    std::fs::copy(cloud, stage.path().join(CLOUD)).context("copying the Orchestrator's package")?;
    let (versions, first_package) = upgrades::publish(root, &program, stage.path())?;

    let mut story = Story { begun: Instant::now() };
    let mut machine = Machine::boot(root, stage.path())?;
    story.tell("systemd has booted");
    let result = checks(&mut machine, &mut story, &versions, &first_package);
    if result.is_err() {
        println!("{}", machine.try_run(&["journalctl", "--no-pager", JOURNAL_LINES]).unwrap_or_default());
    }
    result
}

fn checks(
    machine: &mut Machine,
    story: &mut Story,
    versions: &upgrades::Versions,
    first_package: &str,
) -> Result<()> {
    cloud::start(machine, &format!("/srv/check/{CLOUD}")).context("the cloud")?;
    story.tell("its cloud is installed, started and READY");
    orchestrator::is_walled_in(machine).context("the walls of the cloud's unit")?;
    story.tell("the cloud has no capability and one folder; its doctor finds nothing");
    let before = gateway::written(machine)?;
    gateway::is_not_enabled_beside_another(machine, first_package).context("beside another agent")?;
    story.tell("beside an agent that is there, the unit waits for the operator's word, and keeps to it");
    gateway::is_installed(machine, first_package).context("the installation")?;
    story.tell("the package is installed, its unit enabled and not started");
    gateway::joins_its_cloud(machine).context("joining the cloud")?;
    story.tell("registered, started, READY, checked in; doctor and status find nothing");
    gateway::is_configured(machine).context("its configuration")?;
    gateway::is_walled_in(machine).context("the unit's walls")?;
    story.tell("capabilities, files and system calls are walled in; ping and traceroute work");
    gateway::has_its_services(machine).context("its services")?;
    story.tell("magma@sample stopped, started and restarted over D-Bus; a crash of it counted");
    gateway::ends_in_good_order(machine).context("its end")?;
    story.tell("stopped in good order");
    gateway::is_watched_over(machine).context("the watchdog")?;
    story.tell("the watchdog ended a stopped process, and only that");
    upgrades::to_one_that_works(machine, versions).context("an upgrade")?;
    story.tell(&format!("upgraded by its package to {}", versions.good));
    upgrades::to_one_that_ends_at_once(machine, versions).context("a bad upgrade")?;
    story.tell(&format!("back from {}, whose program ends at once", versions.bad));
    orchestrator::comes_back_and_ends_in_good_order(machine).context("the cloud's end")?;
    story.tell("the cloud came back when it was killed, and stopped in good order");
    gateway::is_purged(machine, &before).context("the purge")?;
    story.tell("purged; identity and configuration stay, and nothing else");
    gateway::comes_back_and_reboots(machine, first_package).context("the reboot")?;
    story.tell("installed again it is the same gateway, and restarts the machine when told");
    Ok(())
}

/// The lab, which plays a service; the one that `.ci/run` has built already.
fn lab(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = Command::new(cargo)
        .args(["build", "--release", "--locked", "-p", "lab", "--message-format=json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    if !build.status.success() {
        bail!("the lab does not build");
    }
    executable(&String::from_utf8(build.stdout)?, "lab").context("no lab was built")
}

struct Story {
    begun: Instant,
}

impl Story {
    fn tell(&mut self, what: &str) {
        println!("{:>7.1} s  {what}", self.begun.elapsed().as_secs_f32());
    }
}
