//! Reads `magmad.yml` into [`Magmad`], with every default in one place.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::embedded::{self, EmbeddedService};
use super::log_forwarding;
use super::metricsd;
use super::profile;
use super::remote_access;
use super::service_lists::ServiceLists;
use super::upgrades;
use super::{GenericCommand, InitSystem, LogLevel, Magmad, NetworkMonitor, Ping, ShellCommand};
use crate::block::{Block, Place, found};
use crate::value::{absolute_path, boolean, host, integer, seconds, service_name, text, word};
use crate::yaml::{Node, Value};

/// Counts that are more than any gateway needs are mistakes.
const COUNT_MAX: i64 = 1_000_000;

pub(crate) fn read(mut block: Block<'_>) -> Magmad {
    let lists = ServiceLists::read(&mut block);
    let embedded_services = embedded::read(&mut block);
    let init_system = read_init_system(&mut block);
    let service_commands = read_service_commands(&mut block, init_system, &lists, &embedded_services);
    let remote_access = remote_access::read(&mut block);
    let enable_upgrade_manager = block.read("enable_upgrade_manager", boolean).unwrap_or(false);
    let magmad = Magmad {
        remote_access,
        log_level: read_log_level(&mut block),
        print_grpc_payload: block.read("print_grpc_payload", boolean).unwrap_or(false),
        max_skipped_checkins: block.read("max_skipped_checkins", integer(0..=COUNT_MAX)).unwrap_or(3),
        init_system,
        service_commands,
        challenge_key: read_challenge_key(&mut block),
        enable_config_streamer: read_switch(&mut block, "enable_config_streamer"),
        enable_upgrade_manager,
        enable_network_monitor: block.read("enable_network_monitor", boolean).unwrap_or(false),
        enable_sync_rpc: read_switch(&mut block, "enable_sync_rpc"),
        enable_kernel_version_checking: block
            .read("enable_kernel_version_checking", boolean)
            .unwrap_or(false),
        network_monitor: block.block("network_monitor_config").map(read_network_monitor),
        upgrader: upgrades::read(&mut block, enable_upgrade_manager),
        mconfig_modules: values(block.read_list("mconfig_modules", text)),
        metricsd: block.block("metricsd").map(metricsd::read),
        generic_command: read_generic_command(block.block("generic_command_config")),
        restart_timeout_threshold: block
            .read("restart_timeout_threshold", integer(1..=COUNT_MAX))
            .unwrap_or(15),
        grpc_workers: block.read("grpc_workers", integer(1..=COUNT_MAX)).unwrap_or(10),
        static_mconfig_dir: block.read("static_mconfig_dir", absolute_path),
        dynamic_mconfig_dir: block.read("dynamic_mconfig_dir", absolute_path),
        static_mconfig_update_interval: block
            .read("static_mconfig_update_interval_minutes", integer(0..=COUNT_MAX))
            .filter(|minutes: &u64| *minutes > 0)
            .map(|minutes| Duration::from_secs(60 * minutes)),
        config_stream_error_retry_interval: block
            .read("config_stream_error_retry_interval", seconds(1))
            .unwrap_or(Duration::from_secs(60)),
        embedded_services,
        log_forwarding: block.block("log_forwarding").map(log_forwarding::read).unwrap_or_default(),
        profile: block.read("profile", profile::parse).unwrap_or_default(),
        magma_services: lists.magma_services,
        non_service303_services: lists.non_service303_services,
        registered_dynamic_services: lists.registered_dynamic_services,
        linked_services: lists.linked_services,
        skip_checkin_if_missing_meta_services: lists.skip_checkin_if_missing_meta_services,
        services_to_restart: lists.services_to_restart,
    };
    block.finish();
    magmad
}

pub(super) fn values<T>(list: Vec<(Place, T)>) -> Vec<T> {
    list.into_iter().map(|(_, value)| value).collect()
}

/// A level that nobody knows is INFO: how much is logged must not decide whether a gateway works.
fn read_log_level(block: &mut Block<'_>) -> Option<LogLevel> {
    let field = block.take("log_level")?;
    let level = word(&field.node).ok().and_then(|name| LogLevel::from_name(&name));
    if level.is_none() {
        let found = found(&field.node);
        let message = format!("is {found}, so INFO is taken; write DEBUG, INFO, WARNING, ERROR or FATAL");
        block.report().warning(&field.place, message);
    }
    level.or(Some(LogLevel::Info))
}

fn init_system(node: &Node) -> Result<InitSystem, String> {
    let name = word(node)?;
    InitSystem::from_name(&name).ok_or_else(|| {
        format!(
            "is {name}, but must be one of systemd, docker, runit, initd, procd, process (child processes)"
        )
    })
}

fn read_init_system(block: &mut Block<'_>) -> InitSystem {
    let place = block.place_of("init_system");
    match block.take("init_system") {
        Some(field) => init_system(&field.node).unwrap_or_else(|message| {
            block.report().error(&field.place, message);
            InitSystem::Systemd
        }),
        None => {
            // Deviation: Magma's Go agent takes docker.
            block.report().warning(
                &place,
                "is missing, so systemd is taken; write `init_system: systemd`, or the right one",
            );
            InitSystem::Systemd
        }
    }
}

/// A switch whose default differs between Magma's two agents, so that its absence is told.
fn read_switch(block: &mut Block<'_>, key: &str) -> bool {
    let place = block.place_of(key);
    let given = block.has(key);
    if !given {
        block
            .report()
            .warning(&place, format!("is missing, so False is taken; write `{key}: True` or `{key}: False`"));
    }
    block.read(key, boolean).unwrap_or(false)
}

fn read_challenge_key(block: &mut Block<'_>) -> PathBuf {
    let configured = block.block("bootstrap_config").and_then(|mut bootstrap| {
        let key = bootstrap.read("challenge_key", absolute_path);
        bootstrap.finish();
        key
    });
    configured.unwrap_or_else(|| PathBuf::from("/var/opt/magma/certs/gw_challenge.key"))
}

fn read_service_commands(
    block: &mut Block<'_>,
    init_system: InitSystem,
    lists: &ServiceLists,
    embedded: &[EmbeddedService],
) -> BTreeMap<String, Vec<String>> {
    let place = block.place_of("service_commands");
    let mut commands = BTreeMap::new();
    if let Some(mut entries) = block.block("service_commands") {
        for name in entries.remaining_keys() {
            let place = entries.place_of(&name);
            let command = values(entries.read_list(&name, word));
            if let Err(message) = service_name(&Node { line: 0, value: Value::text(&name) }) {
                block.report().error(&place, message);
            } else if command.is_empty() {
                block
                    .report()
                    .error(&place, "has no program; write a list: the program's path, then its arguments");
            } else {
                commands.insert(name, command);
            }
        }
        if init_system != InitSystem::Process {
            block.report().warning(&place, "has no effect: it is read only with `init_system: process`");
        }
    }
    if init_system == InitSystem::Process {
        let served_by_the_agent = |name: &str| embedded.iter().any(|service| service.name() == name);
        for service in lists.managed() {
            if commands.contains_key(service) || served_by_the_agent(service) {
                continue;
            }
            let message = format!("has no command for {service}, which therefore cannot be started; add one");
            block.report().warning(&place, message);
        }
    }
    commands
}

fn read_network_monitor(mut block: Block<'_>) -> NetworkMonitor {
    let sampling_period = block.read("sampling_period", seconds(1)).unwrap_or(Duration::from_secs(60));
    let ping = block.block("ping_config").map(|mut ping| {
        let config = Ping {
            hosts: values(ping.read_list("hosts", host)),
            packets: ping.read("num_packets", integer(1..=1000)).unwrap_or(1),
            timeout: ping.read("timeout_secs", seconds(1)).unwrap_or(Duration::from_secs(20)),
        };
        ping.finish();
        config
    });
    block.finish();
    NetworkMonitor { sampling_period, ping }
}

fn read_generic_command(block: Option<Block<'_>>) -> GenericCommand {
    let default_timeout = Duration::from_secs(15);
    let Some(mut block) = block else {
        return GenericCommand { timeout: default_timeout, shell_commands: BTreeMap::new() };
    };
    for built_in in ["module", "class"] {
        block.take(built_in);
    }
    let timeout = block.read("timeout_secs", seconds(1)).unwrap_or(default_timeout);
    let mut shell_commands = BTreeMap::new();
    for command in block.blocks("shell_commands") {
        let place = command.place().clone();
        match read_shell_command(command) {
            Some((name, command)) => {
                if shell_commands.insert(name.clone(), command).is_some() {
                    block.report().warning(
                        &place,
                        format!("{name} is given twice; the later one counts, remove the other"),
                    );
                }
            }
            None => {
                block.report().warning(&place, "is left out: a shell command needs a `name` and a `command`")
            }
        }
    }
    block.finish();
    GenericCommand { timeout, shell_commands }
}

fn read_shell_command(mut block: Block<'_>) -> Option<(String, ShellCommand)> {
    let (name, command) = (block.read("name", text), block.read("command", text));
    let allow_params = block.read("allow_params", boolean).unwrap_or(false);
    block.finish();
    Some((name?, ShellCommand { command: command?, allow_params }))
}
