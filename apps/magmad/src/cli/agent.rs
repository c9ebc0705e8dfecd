//! `magmad run`: the agent itself, with its log and the signals that end it.

use std::io;

use anyhow::{Context, Result, anyhow};
use magma_command_line::Matches;
use magma_config::{LogLevel, Paths, Profile};
use tokio::signal::unix::{SignalKind, signal};

use super::answer::Answer;
use super::environment;
use super::runtime;
use crate::logging::{Destination, LogControl};
use crate::options::Options;
use crate::{agent, services};

/// Runs the agent until a signal or its own gRPC service ends it.
pub(super) fn run(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let level = matches.value("log-level").map(log_level);
    let destination =
        Destination::parse(matches.value("log-to").unwrap_or("stderr")).map_err(|error| anyhow!(error))?;
    let mut options = Options::new(paths.clone());
    options.log = Some(LogControl::install(level.unwrap_or(LogLevel::Info), destination));
    options.log_level = level;
    options.launcher = launcher();
    options.profile = matches.value("profile").and_then(Profile::from_name);
    options.remote_exec = !matches.has("no-remote-exec");
    environment::take(&mut options);
    #[cfg(feature = "upgrades")]
    let (process, arguments) = {
        let arguments: Vec<_> = std::env::args_os().collect();
        options.process = crate::upgrade::launch(paths, &arguments);
        (options.process.clone(), arguments)
    };
    runtime()?.block_on(async {
        let shutdown = signals().context("cannot listen for signals")?;
        agent::run(options, shutdown).await
    })?;
    #[cfg(feature = "upgrades")]
    process.replace_if_wanted(&arguments).context("cannot start magmad again; the init system has to")?;
    Ok(Answer::silent())
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
    match word {
        "debug" => LogLevel::Debug,
        "warning" => LogLevel::Warning,
        "error" => LogLevel::Error,
        _ => LogLevel::Info,
    }
}
