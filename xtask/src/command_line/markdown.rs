//! `docs/cli.md`: all commands on one page.

use magma_command_line::help::{possible, usage};
use magma_command_line::table::{Command, Opt, Program};

/// What stands above the commands.
const INTRODUCTION: &str = "\
<!-- Made by `cargo xtask man` from the table in crates/magma-command-line/src/magmad.rs; change that, not this. -->
# The agent's command line

Every command takes the global options before or after its name. `--json` prints one document whose field names stay as
they are (each command names them below; times are Unix seconds, and what is not known is null); a failure is then `{\"error\": \"…\"}` on standard output, beside the text on standard error. The exit status is 0
after success, 1 after a failure and 2 after a mistake on the command line, unless a command says otherwise.

The Go agent's `-show`, `-s`, `-stderr2syslog[=udp::HOST:PORT]` and `-stdout2stderr` are understood too.

What Magma's own scripts did:

| Script | Here |
|---|---|
| `checkin_cli` | `magmad doctor` |
| `show_gateway_info`, Go `magmad -show` | `magmad show` |
| `register` | `magmad register` |
| `health_cli` | `magmad status`; `internet_status`: `magmad ping`; `restarts_status`, `error_status`: `magmad service303 metrics` |
| `magmad_cli start_services`, `stop_services`, `restart_services` | `magmad services start`, `stop`, `restart` |
| `magmad_cli reboot`, `ping`, `traceroute`, `get_gateway_id` | `magmad reboot`, `ping`, `traceroute`, `gateway-id` |
| `magmad_cli generic_command`, `tail_logs` | `magmad generic-command`, `logs -f` |
| `magmad_cli check_stateless`, `config_stateless` | `magmad check-stateless`, `config-stateless` |
| `service303_cli` | `magmad service303` |
| `config_cli` | `magmad config` |
| `magma_get_config` | `magmad show-config --var PATH [--test]` |
| `directoryd_cli` | `magmad directory` |
| `ctraced_cli` | `magmad call-trace` |
| `service_util` | `magmad service-util` |
";

/// The page.
pub fn page(program: &Program) -> String {
    let mut page = format!("{INTRODUCTION}\n## Global options\n\n");
    options(&mut page, program.options);
    for command in program.commands {
        section(&mut page, program, command);
    }
    page
}

fn section(page: &mut String, program: &Program, command: &Command) {
    let line = usage(program, Some(command));
    *page += &format!("\n## {} {}\n\n{}.", program.name, command.name, command.about);
    if !command.more.is_empty() {
        *page += &format!(" {}", command.more);
    }
    *page += &format!("\n\n    {}\n", line.strip_prefix("Usage: ").unwrap_or(&line));
    if !command.arguments.is_empty() || !command.options.is_empty() {
        page.push('\n');
    }
    for argument in command.arguments {
        *page += &format!("- `{}`: {}{}\n", argument.name, argument.about, possible(argument.value));
    }
    options(page, command.options);
    if let Some(fields) = fields(command.name) {
        *page += &format!("\nJSON: {fields}\n");
    }
    for example in command.examples {
        *page += &format!("\n{}: `{}`\n", example.does, example.line);
    }
}

/// The fields of a command's JSON. Times are Unix seconds; what is not known is null.
pub fn fields(command: &str) -> Option<&'static str> {
    Some(match command {
        "register" => "`hardware_id`, `control_proxy` (the text that the cloud sent), `saved` (a path).",
        "show" => {
            "`hardware_id`, `challenge_key` (base64), `build` {`branch`, `tag`, `commit`, `commit_date`}."
        }
        "status" => {
            "`running`, `agent` {`version`, `started_at`, `state`, `health`}, `hardware_id`, `certificate` {`file`, `for`, \
             `not_before`, `not_after`, `valid`, `problem`}, `cloud` {`controller`, `bootstrapper`, \
             `through_control_proxy`}, `steps` {`bootstrap`, `check_in`, `config_stream`, `sync_rpc`, `settings`, `services`, \
             `task`: each {`succeeded_at`, `failed` {`at`, `message`, `retry_in`, `times`}}, where something happened}, \
             `states_reported`, `config` {`file`, `created_at`, `age`, `problem`}, `queues` (the agent's metrics of queues by \
             name), `services` (as of `magmad services`), `problems` (sentences)."
        }
        "doctor" => {
            "`ok`, `steps` [{`step`, `verdict` (ok, warn, fail, skipped), `message`, `next`}]. Steps are named as in the text."
        }
        "check-config" => {
            "`usable`, `problems` [{`file`, `line`, `key`, `severity` (error, warning, no_effect), `message`}]."
        }
        "show-config" => {
            "`service`, `files`, `keys` {name: {`value`, `from`}}; with `--var`: `value`, `from`; with `--test`: `true`."
        }
        "resources" => {
            "`process`, `seconds`, `cpu_percent`, `cpu_seconds`, `wakeups_per_second`, `threads`, `tasks`, `memory` and \
             `descriptors` by kind; memory in bytes."
        }
        "service-util" => "`service`, `result`, `code`, `status`, as systemd told them.",
        "config" => "`service`, `key`, `value`, and `from` when shown or `file` when changed.",
        "services" => {
            "`services` [{`name`, `state`, `wanted`, `address`, `answers`, `error`, `version`, `own_state`, `health`, \
             `started_at`}]; after an order `ordered`, and `through` and `services`, or `done` and `failed`."
        }
        "logs" => "`service`, `lines`; with `-f` one document {`line`} for each line.",
        "service303" => {
            "info: `name`, `version`, `state`, `health`, `started_at`, `meta`; metrics: numbers by series, of a summary or \
             histogram how many were counted; log-level: `service`, `log_level`; reload: `service`, `result`; stop: \
             `stopping`."
        }
        "gateway-id" => "`gateway_id`.",
        "ping" => "`pings` [{`host`, `error`, `sent`, `received`, `average_ms`}].",
        "traceroute" => {
            "`traceroutes` [{`host`, `error`, `hops` [{`hop`, `probes` [{`hostname`, `ip`, `rtt_ms`}]}]}]."
        }
        "generic-command" => "what the command's executor answers: `returncode`, `stdout`, `stderr`.",
        "check-stateless" => "`mode` (STATELESS, STATEFUL, CORRUPT).",
        "config-stateless" => "`stateless`.",
        "reboot" => "`rebooting`.",
        "directory" => {
            "list: `records` [{`id`, `location_history`, `fields`}]; get: `id`, `key`, `value`; update: `updated`; delete: \
             `deleted`."
        }
        "call-trace" => "`trace`, `success`; after the end also `bytes`, `saved` (a path).",
        "upgrade" => {
            "status: `in_use`, `slot`, `state`, `target`, `refused`, `last` {`version`, `outcome`, `reason`}, `paused`, `way_back`; now, \
             rollback and pause: `requested`; boot: `program`, `said`; guard and restore: a sentence of \
             their name."
        }
        "version" => "`version`, `build` {`branch`, `tag`, `commit`, `commit_date`}, `target`, `parts`.",
        _ => return None,
    })
}

fn options(page: &mut String, options: &[Opt]) {
    for option in options {
        let short = option.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        let (value, possible) = match option.value {
            Some((name, kind)) => (format!(" {name}"), possible(kind)),
            None => Default::default(),
        };
        *page += &format!("- `{short}--{}{value}`: {}{possible}\n", option.name, option.about);
    }
}
