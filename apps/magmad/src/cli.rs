//! The command line: understands the words, does what they say, and prints what came of it.
//!
//! The words themselves are the table `magma_command_line::magmad::MAGMAD`; a command is added there and in `dispatch`.
//! Each command is in a file of its own below, and none of them changes anything that its description does not name.

mod agent;
mod answer;
pub(crate) mod call;
mod doctor;
mod environment;
mod go_spelling;
mod identity;
pub(crate) mod moment;
mod orders;
#[cfg(feature = "resources")]
mod resources;
pub(crate) mod running_agent;
#[cfg(any(feature = "ctraced", feature = "directoryd"))]
mod satellites;
mod service303;
pub(crate) mod service_states;
#[cfg(feature = "metrics")]
mod service_util;
mod services;
mod settings;
mod show_config;
mod status;
#[cfg(feature = "upgrades")]
mod upgrade;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use magma_command_line::help::{command_help, program_help};
use magma_command_line::magmad::MAGMAD;
use magma_command_line::{Matches, Parsed, parse};
use magma_config::Paths;

use crate::services as gateway_services;
use answer::{Answer, print, reader_left};

/// The exit status after a mistake on the command line.
const MISTAKEN: u8 = 2;

/// Does what the arguments say; the first is the program's name.
///
/// The exit status is 0 after success, 1 after a failure, and 2 after a mistake on the command line.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let mut arguments = arguments.into_iter().skip(1).collect::<Vec<_>>();
    if arguments.first().is_some_and(|first| first == gateway_services::LAUNCH_ARGUMENT) {
        let error = gateway_services::launch(arguments.drain(1..));
        return fail(&error.into());
    }
    let json = arguments.iter().any(|argument| argument == "--json");
    match parse(&MAGMAD, go_spelling::translate(arguments)) {
        Ok(Parsed::Do(matches)) => carry_out(&matches),
        Ok(Parsed::Help(command)) => {
            said(&command.map_or_else(|| program_help(&MAGMAD), |command| command_help(&MAGMAD, command)))
        }
        Ok(Parsed::Version) => said(&format!("magmad {}\n", crate::agent::VERSION)),
        Err(mistake) => {
            if json {
                said_failed(&mistake.to_string());
            }
            writeln!(io::stderr(), "magmad: {mistake}").ok();
            ExitCode::from(MISTAKEN)
        }
    }
}

fn carry_out(matches: &Matches) -> ExitCode {
    let json = matches.has("json");
    let outcome = paths(matches).and_then(|paths| dispatch(&paths, matches));
    match outcome.and_then(|answer| print(&answer, json)) {
        Ok(code) => code,
        Err(error) if reader_left(&error) => ExitCode::SUCCESS,
        Err(error) => {
            if json {
                said_failed(&in_one_line(&error));
            }
            fail(&error)
        }
    }
}

fn dispatch(paths: &Paths, matches: &Matches) -> Result<Answer> {
    match matches.command.name {
        "register" => identity::register(paths, matches),
        "show" => identity::show(paths, matches),
        "check-config" => identity::check_config(paths),
        "version" => Ok(identity::version()),
        "status" => status::status(paths),
        "doctor" => doctor::doctor(paths, matches),
        "show-config" => show_config::show_config(paths, matches),
        "config" => settings::config(paths, matches),
        "services" => services::services(paths, matches),
        "logs" => services::logs(paths, matches),
        #[cfg(any(feature = "ctraced", feature = "directoryd"))]
        "directory" => satellites::directory(paths, matches),
        #[cfg(any(feature = "ctraced", feature = "directoryd"))]
        "call-trace" => satellites::call_trace(paths, matches),
        "service303" => service303::service303(paths, matches),
        "gateway-id" | "reboot" | "ping" | "traceroute" | "generic-command" | "check-stateless"
        | "config-stateless" => orders::order(paths, matches),
        #[cfg(feature = "resources")]
        "resources" => resources::resources(paths, matches),
        #[cfg(feature = "metrics")]
        "service-util" => service_util::service_util(paths, matches),
        #[cfg(feature = "upgrades")]
        "upgrade" => upgrade::upgrade(paths, matches),
        "run" => agent::run(paths, matches),
        other => bail!("this magmad was built without {other}; install a full build"),
    }
}

fn paths(matches: &Matches) -> Result<Paths> {
    match matches.value("config-root").map(Path::new) {
        // A folder that was mistyped must not become the home of a new identity.
        Some(root) if !root.is_dir() => {
            bail!(
                "there is no folder {}: name the one that holds etc/magma with --config-root",
                root.display()
            )
        }
        Some(root) => Ok(Paths::under(root)),
        None => Ok(system_paths()),
    }
}

/// Magma-compat: its Python agent looks for the shipped gateway.mconfig where this variable says.
fn system_paths() -> Paths {
    match std::env::var_os("MAGMA_CONFIG_LOCATION") {
        Some(dir) => Paths::system().with_shipped_mconfig_dir(dir),
        None => Paths::system(),
    }
}

/// One thread does everything: the agent waits much and computes little.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")
}

fn said(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// A failure for a program, which reads standard output.
fn said_failed(message: &str) {
    said(&format!("{}\n", serde_json::json!({ "error": message })));
}

fn fail(error: &anyhow::Error) -> ExitCode {
    writeln!(io::stderr(), "magmad: {}", in_one_line(error)).ok();
    ExitCode::FAILURE
}

/// The error with its causes; a cause that the text before it tells already is not told again.
fn in_one_line(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |mut line, cause| {
        let text = cause.to_string();
        if !line.contains(&text) {
            line += if line.is_empty() { "" } else { ": " };
            line += &text;
        }
        line
    })
}
