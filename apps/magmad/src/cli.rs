//! The command line: parses, builds, runs.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use magma_config::{LogLevel, Paths};
use magma_identity::gateway_info::BuildInfo;
use tokio::signal::unix::{SignalKind, signal};

use crate::logging::LogControl;
use crate::options::Options;
use crate::registration::{DEFAULT_PORT, Registration, register};
use crate::{agent, check_config, services, show};

/// The exit status after a mistake on the command line, as clap has it.
const MISTAKEN: u8 = 2;

/// Does what the arguments say; the first is the program's name.
///
/// The exit status is 0 after success, 1 after a failure, and 2 after a mistake on the command line.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    if arguments.get(1).is_some_and(|first| first == services::LAUNCH_ARGUMENT) {
        let error = services::launch(arguments.into_iter().skip(2));
        return fail(&error.into());
    }
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            error.print().ok();
            return if error.use_stderr() { ExitCode::from(MISTAKEN) } else { ExitCode::SUCCESS };
        }
    };
    match dispatch(&matches) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn dispatch(matches: &ArgMatches) -> Result<ExitCode> {
    let paths = match matches.get_one::<PathBuf>("config-root") {
        // A folder that was mistyped must not become the home of a new identity.
        Some(root) if !root.is_dir() => {
            bail!(
                "there is no folder {}: name the one that holds etc/magma with --config-root",
                root.display()
            )
        }
        Some(root) => Paths::under(root),
        None => system_paths(),
    };
    match matches.subcommand() {
        Some(("register", arguments)) => run_register(&paths, arguments),
        Some(("show", arguments)) => run_show(&paths, arguments),
        Some(("check-config", _)) => run_check_config(&paths),
        Some(("version", _)) => say(&format!("magmad {}\n", agent::VERSION)),
        _ => run_agent(paths, matches.get_one::<String>("log-level")),
    }
}

fn command() -> Command {
    let config_root = Arg::new("config-root")
        .long("config-root")
        .value_name("DIR")
        .help("Put this folder in front of every path, to try a configuration as an ordinary user")
        .value_parser(value_parser!(PathBuf))
        .global(true);
    let log_level = Arg::new("log-level")
        .long("log-level")
        .value_name("LEVEL")
        .help("Log from this level on, whatever the configuration says")
        .value_parser(PossibleValuesParser::new(["debug", "info", "warning", "error"]))
        .ignore_case(true)
        .global(true);
    Command::new("magmad")
        .about("The gateway agent: identity, certificate, configuration, check-in, remote commands")
        .version(agent::VERSION)
        .arg(config_root)
        .arg(log_level)
        .subcommand(Command::new("run").about("Run the agent (what happens without a command, too)"))
        .subcommand(register_command())
        .subcommand(show_command())
        .subcommand(
            Command::new("check-config")
                .about("Say what the agent understands of its files, and what is wrong"),
        )
        .subcommand(Command::new("version").about("Print the version"))
}

fn register_command() -> Command {
    Command::new("register")
        .about("Register this gateway with a cloud by a token, and save the cloud's address")
        .arg(Arg::new("DOMAIN").required(true).help("The cloud's domain, such as magma.test"))
        .arg(Arg::new("TOKEN").required(true).help("The registration token, from the gateway's page"))
        .arg(
            Arg::new("ca-file")
                .long("ca-file")
                .value_name("FILE")
                .help("Trust this root certificate instead of rootca_cert in control_proxy.yml")
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("cloud-port")
                .long("cloud-port")
                .value_name("PORT")
                .help("The bootstrapper's port [default: 8444]")
                .value_parser(value_parser!(u16)),
        )
        .arg(
            Arg::new("no-control-proxy")
                .long("no-control-proxy")
                .help("Do not save the control_proxy.yml that the cloud sends")
                .action(ArgAction::SetTrue),
        )
}

fn show_command() -> Command {
    Command::new("show").about("Print the hardware id and the challenge key, for registration by hand").arg(
        Arg::new("format")
            .long("format")
            .value_name("FORMAT")
            .help("The text of show_gateway_info.py or of the Go agent's -show [default: python]")
            .value_parser(PossibleValuesParser::new(["python", "go"])),
    )
}

/// Magma-compat: its Python agent looks for the shipped gateway.mconfig where this variable says.
fn system_paths() -> Paths {
    match std::env::var_os("MAGMA_CONFIG_LOCATION") {
        Some(dir) => Paths::system().with_shipped_mconfig_dir(dir),
        None => Paths::system(),
    }
}

fn run_agent(paths: Paths, level: Option<&String>) -> Result<ExitCode> {
    let level = level.map(|word| log_level(word));
    let mut options = Options::new(paths);
    options.log = Some(LogControl::install(level.unwrap_or(LogLevel::Info)));
    options.log_level = level;
    options.launcher = launcher();
    runtime()?.block_on(async {
        let shutdown = signals().context("cannot listen for signals")?;
        agent::run(options, shutdown).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn run_register(paths: &Paths, arguments: &ArgMatches) -> Result<ExitCode> {
    let text = |name: &str| arguments.get_one::<String>(name).cloned().unwrap_or_default();
    let registration = Registration {
        domain: text("DOMAIN"),
        token: text("TOKEN"),
        ca_file: arguments.get_one::<PathBuf>("ca-file").cloned(),
        cloud_port: arguments.get_one::<u16>("cloud-port").copied().unwrap_or(DEFAULT_PORT),
        save_control_proxy: !arguments.get_flag("no-control-proxy"),
    };
    let registered = runtime()?.block_on(register(paths, &registration))?;
    let next = match registered.saved {
        Some(path) => format!(
            "Saved {}.\nA running magmad uses it within seconds; else start it now.\n",
            path.display()
        ),
        None => format!("Its control_proxy.yml was not saved:\n{}\n", registered.control_proxy),
    };
    say(&format!("Registered the gateway with hardware id {}.\n{next}", registered.hardware_id))
}

fn run_show(paths: &Paths, arguments: &ArgMatches) -> Result<ExitCode> {
    let format = match arguments.get_one::<String>("format").map(String::as_str) {
        Some("go") => show::Format::Go,
        _ => show::Format::Python,
    };
    show::run(paths, format, &build_info(), &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn run_check_config(paths: &Paths) -> Result<ExitCode> {
    let usable = check_config::run(paths, &mut io::stdout().lock()).context("cannot write the report")?;
    Ok(if usable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Magma-compat: container images say in these variables what they were built from.
fn build_info() -> BuildInfo {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let text = |name: &str| variable(name).unwrap_or_default();
    BuildInfo {
        branch: text("MAGMA_BUILD_BRANCH"),
        tag: text("MAGMA_BUILD_TAG"),
        hash: variable("MAGMA_BUILD_COMMIT_HASH").unwrap_or_else(|| text("COMMIT_HASH")),
        commit_date: text("MAGMA_BUILD_COMMIT_DATE"),
        build_date: String::new(),
    }
}

/// One thread does everything: the agent waits much and computes little.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")
}

/// Waits for SIGTERM, SIGINT or SIGQUIT. SIGHUP, by which others re-read their files, must not end the agent.
fn signals() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => return,
                _ = interrupt.recv() => return,
                _ = quit.recv() => return,
                _ = hangup.recv() => tracing::info!(
                    "SIGHUP is ignored: a changed control_proxy.yml is read by itself, other files at the next start"
                ),
            }
        }
    })
}

/// Only this program's own file understands [`services::LAUNCH_ARGUMENT`]; another one that contains the agent does not.
fn launcher() -> Vec<String> {
    let own = std::env::current_exe().is_ok_and(|file| file.file_stem().is_some_and(|stem| stem == "magmad"));
    if own { services::launcher().unwrap_or_default() } else { Vec::new() }
}

fn log_level(word: &str) -> LogLevel {
    match word.to_ascii_lowercase().as_str() {
        "debug" => LogLevel::Debug,
        "warning" => LogLevel::Warning,
        "error" => LogLevel::Error,
        _ => LogLevel::Info,
    }
}

fn say(text: &str) -> Result<ExitCode> {
    io::stdout().lock().write_all(text.as_bytes()).context("cannot write to standard output")?;
    Ok(ExitCode::SUCCESS)
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
