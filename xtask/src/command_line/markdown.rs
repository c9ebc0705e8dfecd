//! `docs/cli.md`: all commands on one page.

use magma_command_line::help::{possible, usage};
use magma_command_line::table::{Command, Opt, Program};

/// What stands above the commands.
const INTRODUCTION: &str = "\
<!-- Made by `cargo xtask man` from the table in crates/magma-command-line/src/magmad.rs; change that, not this. -->
# The agent's command line

Every command takes the global options before or after its name. `--json` prints one document whose field names stay as
they are; a failure is then `{\"error\": \"…\"}` on standard output, beside the text on standard error. The exit status is 0
after success, 1 after a failure and 2 after a mistake on the command line, unless a command says otherwise.

The Go agent's `-show`, `-s`, `-stderr2syslog[=udp::HOST:PORT]` and `-stdout2stderr` are understood too.

What Magma's own scripts did:

| Script | Here |
|---|---|
| `checkin_cli` | `magmad doctor` |
| `show_gateway_info`, Go `magmad -show` | `magmad show` |
| `register` | `magmad register` |
| `health_cli` | `magmad status` |
| `magmad_cli start_services`, `stop_services`, `restart_services` | `magmad services start`, `stop`, `restart` |
| `magmad_cli reboot`, `ping`, `traceroute`, `get_gateway_id` | `magmad reboot`, `ping`, `traceroute`, `gateway-id` |
| `magmad_cli generic_command`, `tail_logs` | `magmad generic-command`, `logs -f` |
| `magmad_cli check_stateless`, `config_stateless` | `magmad check-stateless`, `config-stateless` |
| `service303_cli` | `magmad service303` |
| `config_cli` | `magmad config` |
| `magma_get_config` | `magmad show-config --var PATH [--test]` |
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
    for example in command.examples {
        *page += &format!("\n{}: `{}`\n", example.does, example.line);
    }
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
