//! Every kind of mistake is reported with its line, its key and what to do.

use magma_config::{Problem, Severity, inspect, load};

use crate::gateway_folder::{CONTROL_PROXY, GatewayFolder, MAGMAD, SERVICE_REGISTRY};

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;
const NO_EFFECT: Severity = Severity::NoEffect;

/// Puts `contents` in place of one good file, and expects exactly these problems, all in that file.
#[track_caller]
fn check(file: &str, contents: &str, expected: &[(u32, &str, Severity, &str)]) {
    let folder = GatewayFolder::good_in("etc/magma");
    let path = format!("etc/magma/{file}");
    folder.write(&path, contents);
    let (config, problems) = load(&folder.paths());
    let text = problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n");
    let found: Vec<_> = problems.iter().map(|p| (p.line.unwrap_or(0), p.key.as_str(), p.severity)).collect();
    let wanted: Vec<_> = expected.iter().map(|(line, key, severity, _)| (*line, *key, *severity)).collect();
    assert_eq!(found, wanted, "{text}");
    for (problem, (.., part)) in problems.iter().zip(expected) {
        assert_eq!(problem.file, folder.path(&path));
        assert!(problem.message.contains(part), "{problem} has no {part:?}");
    }
    assert_eq!(config.is_some(), expected.iter().all(|(_, _, severity, _)| *severity != ERROR), "{text}");
}

fn magmad(lines: &str) -> String {
    format!("{MAGMAD}{lines}")
}

#[test]
fn unknown_keys_and_keys_without_effect() {
    // MAGMAD has 11 lines.
    check("magmad.yml", &magmad("enable_synk_rpc: True\n"), &[(12, "enable_synk_rpc", WARNING, "spelling")]);
    check(
        "magmad.yml",
        &magmad("bootstrap_config:\n  challenge_kee: /x\n"),
        &[
            (12, "bootstrap_config", WARNING, "first on line 8"),
            (13, "bootstrap_config.challenge_kee", WARNING, "not a known key"),
        ],
    );
    check(
        "magmad.yml",
        &magmad("grpc_workers: 3\nenable_network_monitor: False\n"),
        &[(12, "grpc_workers", NO_EFFECT, "no effect")],
    );
    check(
        "magmad.yml",
        &magmad("enable_systemd_tailer: True\nsystemd_tailer_poll_interval: 30\nmconfig_modules:\n"),
        &[
            (12, "enable_systemd_tailer", NO_EFFECT, "no Magma agent reads it"),
            (13, "systemd_tailer_poll_interval", NO_EFFECT, "no Magma agent reads it"),
        ],
    );
}

#[test]
fn values_of_the_wrong_type() {
    check(
        "magmad.yml",
        &magmad("print_grpc_payload: 'True'\n"),
        &[
            (12, "print_grpc_payload", WARNING, "without quotes"),
            (12, "print_grpc_payload", NO_EFFECT, "no effect"),
        ],
    );
    check(
        "magmad.yml",
        &magmad("max_skipped_checkins: many\n"),
        &[(12, "max_skipped_checkins", ERROR, "is many")],
    );
    check("magmad.yml", &magmad("log_level: LOUD\n"), &[(12, "log_level", WARNING, "INFO is taken")]);
    check(
        "magmad.yml",
        &magmad("services_to_restart: state\n"),
        &[(12, "services_to_restart", ERROR, "`- item`")],
    );
    check("magmad.yml", &magmad("metricsd: 60\n"), &[(12, "metricsd", ERROR, "key: value")]);
    check(
        "magmad.yml",
        &MAGMAD.replace("systemd", "upstart"),
        &[(7, "init_system", ERROR, "systemd, docker")],
    );
    check(
        "magmad.yml",
        &MAGMAD.replace("/var/opt/magma", "certs"),
        &[(9, "bootstrap_config.challenge_key", ERROR, "starts with /")],
    );
}

#[test]
fn intervals_and_ports() {
    check(
        "magmad.yml",
        &magmad("metricsd:\n  collect_interval: 0\n  sync_interval: 1d\n"),
        &[
            (13, "metricsd.collect_interval", ERROR, "from 1 to 86400"),
            (14, "metricsd.sync_interval", ERROR, "is 1d"),
        ],
    );
    check(
        "magmad.yml",
        &magmad("metricsd:\n  collect_interval: 60\n  sync_interval: 30\n"),
        &[(14, "metricsd.sync_interval", WARNING, "shorter than collect_interval")],
    );
    check(
        "streamer.yml",
        "reconnect_sec: 1\nstream_timeout: 0\n",
        &[
            (1, "reconnect_sec", WARNING, "5 seconds are taken"),
            (2, "stream_timeout", ERROR, "from 1 to 86400"),
        ],
    );
    check(
        "control_proxy.yml",
        &CONTROL_PROXY.replace("8443", "0").replace("8444", "70000"),
        &[(3, "cloud_port", ERROR, "from 1 to 65535"), (5, "bootstrap_port", ERROR, "from 1 to 65535")],
    );
}

#[test]
fn addresses() {
    check(
        "control_proxy.yml",
        &CONTROL_PROXY.replace("cloud_address", "cloud_adress"),
        &[(0, "cloud_address", ERROR, "is missing"), (2, "cloud_adress", WARNING, "spelling")],
    );
    check(
        "control_proxy.yml",
        &CONTROL_PROXY.replace("controller.magma.test\ncloud", "{{.Address}}\ncloud"),
        &[(2, "cloud_address", ERROR, "template {{.Address}}, which was not filled in")],
    );
    check(
        "control_proxy.yml",
        &CONTROL_PROXY.replace("controller.magma.test\ncloud", "{{.A}}.test\ncloud"),
        &[(2, "cloud_address", ERROR, "not valid YAML")],
    );
    check(
        "control_proxy.yml",
        &CONTROL_PROXY.replace("bootstrapper-controller", "https://bootstrapper-controller"),
        &[(4, "bootstrap_address", ERROR, "leave the scheme away")],
    );
}

#[test]
fn lists_of_services() {
    check(
        "magmad.yml",
        &MAGMAD.replace("  - state\n", "  - state\n  - state\n"),
        &[(5, "magma_services", WARNING, "listed twice")],
    );
    check(
        "magmad.yml",
        &magmad("linked_services:\n  -\n    - state\n    - mme\n  - [state, control_proxy]\n"),
        &[(15, "linked_services", WARNING, "mme is not in magma_services")],
    );
    check(
        "magmad.yml",
        &magmad("linked_services:\n  - state\n"),
        &[(13, "linked_services", ERROR, "list of lists")],
    );
    check(
        "magmad.yml",
        &magmad("registered_dynamic_services: [state]\n"),
        &[(12, "registered_dynamic_services", WARNING, "also in magma_services")],
    );
    check(
        "magmad.yml",
        &magmad("services_to_restart:\n  - pipelined\n"),
        &[(13, "services_to_restart", WARNING, "pipelined is not in magma_services")],
    );
    check(
        "magmad.yml",
        &MAGMAD.replace("  - state\n", "  - state; reboot\n"),
        &[(4, "magma_services", ERROR, "a service's name")],
    );
    check(
        "magmad.yml",
        "init_system: docker\nenable_config_streamer: no\nenable_sync_rpc: no\n",
        &[(0, "magma_services", WARNING, "names no service")],
    );
    let meant = "magma_services: []\ninit_system: docker\nenable_config_streamer: no\nenable_sync_rpc: no\n";
    check("magmad.yml", meant, &[]);
    check("magmad.yml", &meant.replace(" []", ""), &[(1, "magma_services", WARNING, "names no service")]);
}

#[test]
fn what_is_missing_and_was_assumed() {
    check(
        "magmad.yml",
        "magma_services: [state]\n",
        &[
            (0, "enable_config_streamer", WARNING, "False is taken"),
            (0, "enable_sync_rpc", WARNING, "False is taken"),
            (0, "init_system", WARNING, "systemd is taken"),
        ],
    );
}

#[test]
fn child_processes() {
    let process = MAGMAD.replace("systemd", "process");
    check(
        "magmad.yml",
        &format!("{process}service_commands:\n  state: [/usr/bin/state, -v]\n"),
        &[(12, "service_commands", WARNING, "no command for control_proxy")],
    );
    check(
        "magmad.yml",
        &format!("{process}service_commands:\n  state: [/usr/bin/state]\n  control_proxy:\n"),
        &[
            (12, "service_commands", WARNING, "no command for control_proxy"),
            (14, "service_commands.control_proxy", ERROR, "no program"),
        ],
    );
    // What the agent serves itself needs no command.
    check(
        "magmad.yml",
        &format!(
            "{process}embedded_services: [control_proxy]\nservice_commands:\n  state: [/usr/bin/state]\n"
        ),
        &[],
    );
    check(
        "magmad.yml",
        &magmad("service_commands:\n  state: [/usr/bin/state]\n"),
        &[(12, "service_commands", WARNING, "init_system: process")],
    );
}

#[test]
fn shell_commands() {
    let commands = "generic_command_config:
  timeout_secs: 0
  shell_commands:
    - name: echo
      command: 'echo {}'
      allow_params: True
    - name: nothing
    - name: echo
      command: 'printf {}'
";
    check(
        "magmad.yml",
        &magmad(commands),
        &[
            (13, "generic_command_config.timeout_secs", ERROR, "from 1"),
            (18, "generic_command_config.shell_commands", WARNING, "needs a `name` and a `command`"),
            (19, "generic_command_config.shell_commands", WARNING, "echo is given twice"),
        ],
    );
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/magmad.yml", magmad(commands));
    let (config, _) = inspect(&folder.paths());
    let commands = config.magmad.generic_command.shell_commands;
    assert_eq!(commands.keys().collect::<Vec<_>>(), ["echo"]);
    assert_eq!(commands["echo"].command, "printf {}");
    assert!(!commands["echo"].allow_params, "the later one counts as a whole");
}

#[test]
fn the_registry() {
    check(
        "service_registry.yml",
        "services:\n  magmad: {ip_address: 127.0.0.1, port: 50052}\n",
        &[(1, "services", WARNING, "has no entry for state, so its state cannot be asked")],
    );
    check(
        "service_registry.yml",
        &SERVICE_REGISTRY.replace("50074", "99999"),
        &[(8, "services.state.port", ERROR, "from 1 to 65535")],
    );
    check(
        "service_registry.yml",
        "services:\n  magmad: {port: 50052}\n  state: {host: localhost, port: 1}\n",
        &[(2, "services.magmad", ERROR, "has no ip_address")],
    );
    check(
        "service_registry.yml",
        &format!("{SERVICE_REGISTRY}    echo_port: 1\n    prot: 2\n"),
        &[
            (9, "services.state.echo_port", NO_EFFECT, "for the cloud's services"),
            (10, "services.state.prot", WARNING, "not a known key"),
        ],
    );
}

#[test]
fn files_that_are_no_text() {
    let folder = GatewayFolder::good_in("etc/magma");
    folder.write("etc/magma/magmad.yml", b"magma_services:\n  - \xff\n");
    folder.write("etc/magma/control_proxy.yml", "a: b\n".repeat(300_000));
    let (config, problems) = load(&folder.paths());
    assert!(config.is_none());
    let has = |part: &str| problems.iter().any(|p| p.severity == ERROR && p.message.contains(part));
    assert!(has("line 2 is not UTF-8"), "{problems:?}");
    assert!(has("larger than 1048576 bytes"), "{problems:?}");
}

#[test]
fn upgrades_say_what_they_lack_and_what_they_cannot_use() {
    let factory = |lines: &str| magmad(&format!("enable_upgrade_manager: True\nupgrader_factory:\n{lines}"));
    check(
        "magmad.yml",
        &factory("  module: magma.magmad.upgrade.magma_upgrader\n  class: MagmaUpgrader\n"),
        &[
            (13, "upgrader_factory", WARNING, "has no http_base_url, no trusted_keys"),
            (14, "upgrader_factory.module", NO_EFFECT, "built in"),
        ],
    );
    let good = "  kind: oci\n  http_base_url: https://downloads.magma.test/x\n  trusted_keys: [/etc/magma/upgrade.pub]\n";
    check("magmad.yml", &factory(good), &[]);
    check(
        "magmad.yml",
        &factory(
            "  kind: git\n  http_base_url: ftp://x\n  trusted_keys: [key.pub]\n  package: magma;reboot\n  \
             health_window_secs: 0\n",
        ),
        &[
            (13, "upgrader_factory", WARNING, "has no kind, no http_base_url, no trusted_keys"),
            (14, "upgrader_factory.kind", ERROR, "self, deb, oci"),
            (15, "upgrader_factory.http_base_url", ERROR, "https://"),
            (16, "upgrader_factory.trusted_keys", ERROR, "must"),
            (17, "upgrader_factory.package", ERROR, "package's name"),
            (18, "upgrader_factory.health_window_secs", ERROR, "whole number"),
        ],
    );
}

#[test]
fn nothing_is_said_to_be_missing_in_a_file_that_is_not_understood() {
    check("magmad.yml", "magma_services: [a\n b: {", &[(2, "magma_services", ERROR, "not valid YAML")]);
    check("magmad.yml", "- 1\n", &[(1, "", ERROR, "`key: value` lines")]);
    check("control_proxy.yml", "cloud_address: {\n", &[(1, "cloud_address", ERROR, "not valid YAML")]);
    // What is broken has no effect; so what is missing is all the more the mistake.
    let problems = |yml: &str| {
        let folder = GatewayFolder::good_in("etc/magma");
        folder.write("etc/magma/control_proxy.yml", yml);
        let (config, problems) = load(&folder.paths());
        assert!(config.is_none(), "{problems:?}");
        problems
    };
    let found = problems("nghttpx_config_location: {\n");
    assert!(found.iter().any(|problem| problem.key == "cloud_address"), "{found:?}");
}

#[test]
fn a_syntax_error_does_not_hide_the_others() {
    let text = magmad("bootstrap_config: [\ngrpc_workers: 3\nservices_to_restart: {\nno_such_key: 1\n");
    check(
        "magmad.yml",
        &text,
        &[
            (12, "bootstrap_config", ERROR, "not valid YAML"),
            (13, "grpc_workers", NO_EFFECT, "no effect"),
            (14, "services_to_restart", ERROR, "not valid YAML"),
            (15, "no_such_key", WARNING, "not a known key"),
        ],
    );
}

#[test]
fn sentry() {
    let with = |lines: &str| format!("{CONTROL_PROXY}{lines}");
    check(
        "control_proxy.yml",
        &with("sentry_url_python: https://k3y@sentry.test/1\nsentry_sample_rate: 0.5\n"),
        &[],
    );
    check(
        "control_proxy.yml",
        &with("sentry_url: https://k3y@sentry.test/1\nsentry_sample_rate: 2\n"),
        &[
            (7, "sentry_url", NO_EFFECT, "write sentry_url_python"),
            (8, "sentry_sample_rate", WARNING, "from 0 to 1"),
        ],
    );
}
