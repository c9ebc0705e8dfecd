//! The life of a gateway from docs/install.md: installed, registered, started, walled in, watched over, and purged.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use super::cloud::{self, DOMAIN, DOWNLOADS};
use super::machine::{Machine, until};
use super::orchestrator::DATA;

/// reboot, ping and capture, other users' files, ending what a command left: the bits of capabilities(7).
const CAPABILITIES: u64 = 1 << 22 | 1 << 13 | 1 << 12 | 1 << 1 | 1 << 5;
/// The agent asks its services every ten seconds. What it has not seen, it cannot tell from what comes after.
const SEEN: Duration = Duration::from_secs(25);
/// What a generic command may write, and what not.
const PLACES: &[(&str, bool)] = &[
    ("etc/magma/probe", true),
    ("var/opt/magma/probe", true),
    ("etc/probe", false),
    ("usr/probe", false),
    ("var/probe", false),
    ("home/probe", false),
    ("root/probe", false),
];
/// A purge leaves the gateway's identity and configuration, and what dpkg keeps for itself.
const LEFT: &[&str] =
    &["etc/magma/", "etc/snowflake", "var/opt/magma/", "var/lib/dpkg/", "var/log/", "var/cache/"];

const MAGMAD_YML: &str = "\
log_level: INFO
init_system: systemd
magma_services: [sample]
bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
metricsd:
  collect_interval: 60
  sync_interval: 60
  grpc_timeout: 30
  services: [magmad]
generic_command_config:
  timeout_secs: 15
  shell_commands:
    - name: touch
      command: \"touch {}\"
      allow_params: True
";
const REGISTRY_YML: &str = "\
services:
  magmad:
    ip_address: 127.0.0.1
    port: 50052
  sample:
    ip_address: 127.0.0.1
    port: 60101
";
/// A unit in whose place ours comes.
const OTHER_AGENT: &str = "\
[Service]
ExecStart=/usr/bin/sleep infinity
[Install]
WantedBy=multi-user.target
";
/// Existing gateways have a template like this one.
const SERVICE: &str = "\
[Service]
ExecStart=/bin/sh -c 'tail -f /dev/null | exec /srv/check/lab __service %i 60101'
Restart=always
RestartSec=1s
";

/// The files that the machine has and this one has not.
pub fn written(machine: &Machine) -> Result<BTreeSet<String>> {
    let found = machine.run(&["find", "/run/layer", "-type", "f", "-o", "-type", "l"])?;
    Ok(found.lines().filter_map(|line| line.strip_prefix("/run/layer/")).map(str::to_owned).collect())
}

/// Beside an existing agent, and after an operator's word, the unit stays disabled.
pub fn is_not_enabled_beside_another(machine: &Machine, package: &str) -> Result<()> {
    machine.write("/etc/systemd/system/magma@.service", OTHER_AGENT)?;
    machine.run(&["systemctl", "daemon-reload"])?;
    machine.run(&["systemctl", "enable", "--now", "magma@magmad"])?;
    let said = machine.run(&["dpkg", "--install", package])?;
    ensure!(said.contains("systemctl disable --now magma@magmad; systemctl enable --now magmad"), "{said}");
    is(machine, "UnitFileState", "disabled")?;
    machine.run(&["systemctl", "start", "magmad"])?;
    let other = machine.property("magma@magmad.service", "ActiveState")?;
    ensure!(other == "inactive", "both agents run");
    machine.run(&["systemctl", "disable", "--now", "magma@magmad"])?;
    for (order, state) in [("enable", "enabled"), ("disable", "disabled")] {
        machine.run(&["systemctl", order, "magmad"])?;
        machine.run(&["dpkg", "--install", package])?;
        is(machine, "UnitFileState", state)?;
    }
    machine.run(&["dpkg", "--purge", "magmad"])?;
    machine.run(&["rm", "-r", "/etc/systemd/system/magma@.service", "/etc/magma", "/var/opt/magma"])?;
    machine.run(&["rm", "/etc/snowflake"]).map(drop)
}

/// Installs the package; nothing runs yet, but will after the next boot.
pub fn is_installed(machine: &Machine, package: &str) -> Result<()> {
    let said = machine.run(&["dpkg", "--install", package])?;
    ensure!(said.contains("Register this gateway: magmad register DOMAIN TOKEN"), "it says: {said}");
    is(machine, "UnitFileState", "enabled")?;
    is(machine, "ActiveState", "inactive")
}

/// The steps of docs/install.md.
pub fn joins_its_cloud(machine: &Machine) -> Result<()> {
    machine.run(&["cp", &cloud::root_certificate(), "/var/opt/magma/certs/rootCA.pem"])?;
    machine.run(&["magmad", "register", DOMAIN, &cloud::token(machine)?])?;
    // The unit says READY, or this would fail.
    machine.run(&["systemctl", "start", "magmad"])?;
    is(machine, "SubState", "running")?;
    until("a check-in", 240, || Ok(cloud::knows_the_gateway(machine).then_some(())))?;
    until("the status line", 240, || {
        Ok((property(machine, "StatusText")? == "checked in with the cloud").then_some(()))
    })?;
    machine.run(&["magmad", "doctor"])?;
    machine.run(&["magmad", "status"]).map(drop)
}

/// Gives it a service of its own, commands, and upgrades.
pub fn is_configured(machine: &Machine) -> Result<()> {
    let upgrades = format!(
        "enable_upgrade_manager: True\nupgrader_factory:\n  kind: deb\n  package: magmad\n  \
         http_base_url: {DOWNLOADS}\n  trusted_keys: [/srv/check/upgrade.key.pub]\n  health_window_secs: 90\n"
    );
    machine.write("/etc/magma/magmad.yml", &format!("{MAGMAD_YML}{upgrades}"))?;
    machine.write("/etc/magma/service_registry.yml", REGISTRY_YML)?;
    machine.write("/etc/magma/streamer.yml", "reconnect_sec: 5\nstream_timeout: 150\n")?;
    machine.write("/etc/systemd/system/magma@.service", SERVICE)?;
    machine.run(&["systemctl", "daemon-reload"])?;
    machine.run(&["magmad", "check-config"])?;
    machine.run(&["systemctl", "restart", "magmad"]).map(drop)
}

/// What the unit takes away is away, and what the agent needs is there.
pub fn is_walled_in(machine: &Machine) -> Result<()> {
    let status = machine.run(&["cat", &format!("/proc/{}/status", property(machine, "MainPID")?)])?;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    for name in ["CapEff:", "CapBnd:", "CapPrm:"] {
        let bits = u64::from_str_radix(field(name).context("a capability set")?, 16)?;
        ensure!(bits == CAPABILITIES, "{name} {bits:x} is not {CAPABILITIES:x}");
    }
    ensure!(field("NoNewPrivs:") == Some("1"), "new privileges are possible");
    ensure!(field("Seccomp:") == Some("2"), "no system call is filtered");
    for (path, writable) in PLACES {
        let path = &format!("/{path}");
        let _ = machine.try_run(&["magmad", "generic-command", "touch", path])?;
        ensure!(exists(machine, path)? == *writable, "{path}: writable must be {writable}");
    }
    machine.run(&["magmad", "generic-command", "touch", "/tmp/probe"])?;
    ensure!(!exists(machine, "/tmp/probe")?, "/tmp is everybody's");
    // No file descriptor of ICMP for everybody here: a new network namespace allows none.
    machine.run(&["magmad", "ping", "127.0.0.1"])?;
    machine.run(&["magmad", "traceroute", "127.0.0.1"]).map(drop)
}

/// Over D-Bus; a restart that nobody ordered is counted, and others are not.
pub fn has_its_services(machine: &Machine) -> Result<()> {
    answers(machine, true)?;
    let first = sample(machine, "MainPID")?;
    machine.run(&["magmad", "services", "stop", "sample"])?;
    ensure!(sample(machine, "ActiveState")? == "inactive", "it was not stopped");
    machine.run(&["magmad", "services", "start", "sample"])?;
    ensure!(sample(machine, "ActiveState")? == "active", "it was not started");
    answers(machine, true)?;
    let second = sample(machine, "MainPID")?;
    ensure!(first != second, "the process of before runs");
    sleep(SEEN);
    let before = unexpected_restarts(machine)?;
    machine.run(&["magmad", "services", "restart", "sample"])?;
    until("a restart", 240, || Ok((sample(machine, "MainPID")? != second).then_some(())))?;
    answers(machine, true)?;
    sleep(SEEN);
    ensure!(unexpected_restarts(machine)? == before, "a restart counts that was ordered");
    machine.run(&["systemctl", "kill", "--signal=KILL", "magma@sample"])?;
    let counted = || Ok((unexpected_restarts(machine)? > before).then_some(()));
    until("a count of the restart that nobody ordered", 240, counted)
}

/// A process that does nothing is ended and started again, and one that works is left alone.
pub fn is_watched_over(machine: &Machine) -> Result<()> {
    is(machine, "WatchdogUSec", "2min")?;
    is(machine, "Restart", "always")?;
    // So that nobody has to wait for two minutes.
    let drop_in = "/run/systemd/system/magmad.service.d/watchdog.conf";
    machine.write(drop_in, "[Service]\nWatchdogSec=8s\n")?;
    machine.run(&["systemctl", "daemon-reload"])?;
    machine.run(&["systemctl", "restart", "magmad"])?;
    let first = property(machine, "MainPID")?;
    sleep(Duration::from_secs(12));
    ensure!(property(machine, "MainPID")? == first, "an agent that works was restarted");
    machine.run(&["kill", "-STOP", &first])?;
    until("another process", 240, || {
        let (main, state) = (property(machine, "MainPID")?, property(machine, "ActiveState")?);
        Ok((main != first && main != "0" && state == "active").then_some(()))
    })?;
    ensure!(property(machine, "NRestarts")? == "1", "it was started more often");
    let journal = machine.run(&["journalctl", "--unit=magmad", "--no-pager"])?;
    ensure!(journal.contains("Watchdog timeout"), "the watchdog did not end it:\n{journal}");
    machine.run(&["rm", drop_in])?;
    machine.run(&["systemctl", "daemon-reload"])?;
    machine.run(&["systemctl", "restart", "magmad"]).map(drop)
}

/// It ends by itself, and is not killed after the unit's thirty seconds.
pub fn ends_in_good_order(machine: &Machine) -> Result<()> {
    machine.run(&["systemctl", "stop", "magmad"])?;
    is(machine, "ActiveState", "inactive")?;
    is(machine, "Result", "success")?;
    is(machine, "ExecMainStatus", "0")?;
    // CLD_EXITED of waitid(2).
    is(machine, "ExecMainCode", "1")?;
    machine.run(&["systemctl", "start", "magmad"]).map(drop)
}

/// What docs/install.md and the package's script say stays, stays, and nothing else.
pub fn is_purged(machine: &Machine, before: &BTreeSet<String>) -> Result<()> {
    machine.run(&["dpkg", "--purge", "magmad"])?;
    ensure!(machine.try_run(&["systemctl", "is-active", "magmad"])?.trim() == "inactive", "it still runs");
    let after = written(machine)?;
    // What this check itself writes while it goes on: a unit, and what the cloud keeps.
    let ours = ["etc/systemd/system/magma@.service", DATA.trim_start_matches('/')];
    let left: Vec<&String> = after
        .difference(before)
        .filter(|path| !LEFT.iter().chain(&ours).any(|known| path.starts_with(known)))
        .collect();
    ensure!(left.is_empty(), "a purge leaves {left:?}");
    for kept in ["var/opt/magma/certs/gateway.crt", "var/opt/magma/certs/gw_challenge.key", "etc/snowflake"] {
        ensure!(after.contains(kept), "a purge takes {kept}");
    }
    Ok(())
}

/// Installed again it is the gateway of before, and may restart the machine.
pub fn comes_back_and_reboots(machine: &mut Machine, package: &str) -> Result<()> {
    let key = machine.run(&["cat", "/etc/snowflake"])?;
    machine.run(&["dpkg", "--install", package])?;
    machine.run(&["systemctl", "start", "magmad"])?;
    until("its gRPC services", 240, || Ok(machine.run(&["magmad", "gateway-id"]).ok()))?;
    ensure!(machine.run(&["cat", "/etc/snowflake"])? == key, "it is another gateway");
    // The answer may not come any more.
    let _ = machine.try_run(&["magmad", "reboot"]);
    until("the end of the machine", 120, || Ok(machine.has_ended()?.then_some(())))
}

fn answers(machine: &Machine, wanted: bool) -> Result<()> {
    until("the service's answer", 240, || {
        let said: Value = serde_json::from_str(&machine.try_run(&["magmad", "services", "--json"])?)?;
        Ok((said["services"][0]["answers"] == wanted).then_some(()))
    })
}

fn unexpected_restarts(machine: &Machine) -> Result<f64> {
    let said = machine.run(&["magmad", "service303", "metrics", "magmad"])?;
    let line =
        said.lines().find(|line| line.starts_with("unexpected_service_restarts{service_name=\"sample\"}"));
    let number = line.and_then(|line| line.split(' ').next_back());
    number.and_then(|number| number.parse().ok()).context("no unexpected_service_restarts")
}

fn exists(machine: &Machine, path: &str) -> Result<bool> {
    Ok(!machine.try_run(&["find", path, "-maxdepth", "0"])?.is_empty())
}

/// A property of the agent's unit.
pub fn property(machine: &Machine, name: &str) -> Result<String> {
    machine.property("magmad.service", name)
}

fn sample(machine: &Machine, name: &str) -> Result<String> {
    machine.property("magma@sample.service", name)
}

fn is(machine: &Machine, name: &str, wanted: &str) -> Result<()> {
    let found = property(machine, name)?;
    ensure!(found == wanted, "{name} of magmad.service is {found}, not {wanted}");
    Ok(())
}
