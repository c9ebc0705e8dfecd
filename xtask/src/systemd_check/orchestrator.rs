//! The Orchestrator from its package, under its unit, as docs/install.md says.

use anyhow::{Context, Result, ensure};

use super::cloud::DOMAIN;
use super::machine::{Machine, until};

const UNIT: &str = "orc8r.service";
/// Where it keeps everything.
pub const DATA: &str = "/var/lib/orc8r";
/// Files that it must not be able to make.
const FOREIGN: &[&str] = &["etc/probe", "usr/probe", "var/probe", "root/probe"];

/// Installs it, says which domain it serves, and starts it.
pub fn is_installed(machine: &Machine, package: &str) -> Result<()> {
    machine.run(&["dpkg", "--install", package])?;
    is(machine, "ActiveState", "inactive").context("it was started without having a domain")?;
    machine.write("/etc/orc8r/orc8r.env", &format!("ORC8R_OPTIONS=\"--domain {DOMAIN}\"\n"))?;
    // The unit says READY, or this would fail.
    machine.run(&["systemctl", "start", UNIT])?;
    is(machine, "SubState", "running")
}

/// It has no capability, may write in its folder alone, and finds nothing wrong with itself.
pub fn is_walled_in(machine: &Machine) -> Result<()> {
    let process = property(machine, "MainPID")?;
    let status = machine.run(&["cat", &format!("/proc/{process}/status")])?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    for name in ["CapEff:", "CapBnd:", "CapPrm:"] {
        ensure!(field(name) == Some("0000000000000000"), "{name} {:?}", field(name));
    }
    ensure!(field("Seccomp:") == Some("2"), "no system call is filtered");
    let inside =
        |words: &[&str]| machine.run(&[&["nsenter", "--target", &process, "--mount"][..], words].concat());
    for path in FOREIGN {
        let path = format!("/{path}");
        ensure!(inside(&["touch", &path]).is_err(), "even root could write {path} where it runs");
    }
    let probe = format!("{DATA}/probe");
    inside(&["touch", &probe]).and_then(|_| inside(&["rm", &probe])).context("its own folder")?;
    machine.run(&["runuser", "-u", "orc8r", "--", "orc8r", "doctor", "--data-dir", DATA]).map(drop)
}

/// Killed, it is there again; told to stop, it ends by itself.
pub fn comes_back_and_ends_in_good_order(machine: &Machine) -> Result<()> {
    machine.run(&["systemctl", "kill", "--signal=KILL", UNIT])?;
    until("another process", 120, || {
        let again = property(machine, "NRestarts")? == "1" && property(machine, "SubState")? == "running";
        Ok(again.then_some(()))
    })?;
    machine.run(&["systemctl", "stop", UNIT])?;
    is(machine, "Result", "success")?;
    is(machine, "ExecMainStatus", "0")?;
    machine.run(&["systemctl", "start", UNIT]).map(drop)
}

fn property(machine: &Machine, name: &str) -> Result<String> {
    machine.property(UNIT, name)
}

fn is(machine: &Machine, name: &str, wanted: &str) -> Result<()> {
    let found = property(machine, name)?;
    ensure!(found == wanted, "{name} of {UNIT} is {found}, not {wanted}");
    Ok(())
}
