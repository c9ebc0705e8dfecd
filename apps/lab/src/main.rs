//! A whole network on one machine: to try it, to show it, to test it.
//!
//! The lab starts the shipped programs as child processes of their own, by running itself again under their
//! names, so that one `cargo run` needs nothing else. It watches them only from outside: over REST and by the
//! files that they write. It installs nothing and needs no privilege.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program")]

mod child;
mod cloud;
mod fleet;
mod gateway;
mod load;
mod lte;
mod measure;
mod ports;
mod radio;
mod rest;
mod roles;
mod sample_service;
mod samples;
mod status_line;
mod story;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(exit) = roles::play() {
        return exit;
    }
    match run(&command().get_matches()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nlab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
pub struct Options {
    dir: Option<PathBuf>,
    gateways: usize,
    services: usize,
    once: bool,
    magmad: Option<PathBuf>,
    measure: bool,
}

fn command() -> Command {
    Command::new("lab")
        .args_conflicts_with_subcommands(true)
        .subcommand(fleet::command())
        .subcommand(samples::command())
        .about("Starts an Orchestrator and gateways on this machine and shows how they come together")
        .version(env!("CARGO_PKG_VERSION"))
        .args([
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("Keep everything in DIR, which must be empty or absent [default: a new folder]"),
            Arg::new("gateways")
                .long("gateways")
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..=64))
                .default_value("1")
                .help("Run N gateway agents, 1 to 64"),
            Arg::new("services")
                .long("services")
                .value_name("N")
                .value_parser(value_parser!(u16).range(0..=64))
                .default_value("0")
                .help("Give each gateway N sample gRPC services, which its agent starts and asks, 0 to 64"),
            Arg::new("once")
                .long("once")
                .action(ArgAction::SetTrue)
                .help("End after the round trip: exit 0, or 1 with what failed"),
            Arg::new("magmad").long("magmad").value_name("FILE").value_parser(value_parser!(PathBuf)).help(
                "Run this magmad program instead of the built-in one (it outlives a lab that is killed)",
            ),
            Arg::new("measure")
                .long("measure")
                .action(ArgAction::SetTrue)
                .help("After the round trip, restart the agent some times, let it idle for two minutes, keep it busy, and print what it took as JSON"),
        ])
}

fn options(matches: &ArgMatches) -> Options {
    Options {
        dir: matches.get_one::<PathBuf>("dir").cloned(),
        gateways: usize::from(*matches.get_one::<u16>("gateways").expect("invariant: it has a default")),
        services: usize::from(*matches.get_one::<u16>("services").expect("invariant: it has a default")),
        once: matches.get_flag("once"),
        magmad: matches.get_one::<PathBuf>("magmad").cloned(),
        measure: matches.get_flag("measure"),
    }
}

fn run(matches: &ArgMatches) -> Result<()> {
    if let Some(("fleet", matches)) = matches.subcommand() {
        return fleet::run(fleet::Options::of(matches));
    }
    if let Some(("samples", matches)) = matches.subcommand() {
        return samples::run(matches);
    }
    let options = options(matches);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(story::tell(options))
}
