//! `GenericCommand`: a command of `generic_command_config` in magmad.yml, run as this program's user.
//!
//! Only configured commands run, without a shell, in a process group that is killed as a whole at the time limit or
//! when the caller goes away. Each leaves a line in the log.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;

use magma_config::{GenericCommand, ShellCommand};
use magma_rpc::Status;
use prost_types::value::Kind;
use prost_types::{Struct, Value};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::audit::{LEVEL, TARGET, masked};
use super::command_template::fill;
use crate::program::{self, Finished, ProgramError};

/// How many commands run at the same time; more wait for their turn.
const COMMANDS_AT_ONCE: usize = 8;

/// How many commands run or wait, more than the 50 requests that a dispatcher of the existing cloud queues for one
/// gateway.
const COMMANDS_HELD: usize = 64;

/// The one key that a command's parameters may have.
const PARAMETERS: &str = "shell_params";

/// The commands that may be run from afar.
#[derive(Debug)]
pub struct GenericCommands {
    commands: BTreeMap<String, ShellCommand>,
    limit: Duration,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl GenericCommands {
    /// The commands of `config`, each for `timeout_secs` at most.
    pub fn new(config: &GenericCommand) -> Self {
        Self {
            commands: config.shell_commands.clone(),
            limit: config.timeout,
            places: Arc::new(Semaphore::new(COMMANDS_HELD)),
            turns: Arc::new(Semaphore::new(COMMANDS_AT_ONCE)),
        }
    }

    /// Runs the command called `name` and returns `returncode`, `stdout` and `stderr`.
    ///
    /// # Errors
    /// `NOT_FOUND` without any configured command, `INVALID_ARGUMENT` for another name or parameters that do not fit,
    /// `FAILED_PRECONDITION` when the configured program cannot be run, `DEADLINE_EXCEEDED` when it was killed at the
    /// time limit, `RESOURCE_EXHAUSTED` when too many run or wait already.
    pub async fn run(&self, name: &str, params: Option<Struct>) -> Result<Struct, Status> {
        let arguments = self.arguments(name, params).inspect_err(|status| {
            tracing::warn!(command = name, why = status.message(), "a remote command was refused");
        })?;
        let _place = self.places.try_acquire().map_err(|_| {
            Status::resource_exhausted(format!(
                "{COMMANDS_HELD} commands run or wait already; try again later"
            ))
        })?;
        let _turn = self.turns.acquire().await.map_err(|closed| Status::internal(closed.to_string()))?;
        let began = Instant::now();
        let ended = program::run(command(&arguments)?, self.limit).await;
        audit(name, &arguments, &ended, began.elapsed());
        ended.map(response).map_err(|error| match error {
            ProgramError::NotStarted { .. } => Status::failed_precondition(error.to_string()),
            ProgramError::Killed { .. } => Status::deadline_exceeded(error.to_string()),
        })
    }

    fn arguments(&self, name: &str, params: Option<Struct>) -> Result<Vec<String>, Status> {
        if self.commands.is_empty() {
            return Err(Status::not_found(
                "generic command config not found: magmad.yml of this gateway has no generic_command_config",
            ));
        }
        let configured = self
            .commands
            .get(name)
            .ok_or_else(|| Status::invalid_argument(format!("no config for {name}")))?;
        let line = if configured.allow_params {
            let parameters = parameters(params.unwrap_or_default()).map_err(Status::invalid_argument)?;
            fill(&configured.command, &parameters)
                .map_err(|error| Status::invalid_argument(error.to_string()))?
        } else {
            // Magma-compat: parameters are ignored, and braces are the command's own.
            configured.command.clone()
        };
        program::split(&line).map_err(|error| Status::invalid_argument(format!("{error} in: {line}")))
    }
}

/// The values of `shell_params`, as text.
///
/// Deviation: a value that is not in a list is an error; Magma takes the first letter of a text.
fn parameters(mut params: Struct) -> Result<Vec<String>, String> {
    let wrong = || format!("params must be {{\"{PARAMETERS}\": [\"…\", …]}} and nothing else");
    let list = params.fields.remove(PARAMETERS).and_then(|value| value.kind);
    match list {
        Some(Kind::ListValue(list)) if params.fields.is_empty() => {
            list.values.into_iter().map(|value| text(value).ok_or_else(wrong)).collect()
        }
        _ => Err(wrong()),
    }
}

/// Deviation: 5 becomes `5`; in Magma, a number becomes a float's text, `5.0`.
fn text(value: Value) -> Option<String> {
    match value.kind? {
        Kind::StringValue(text) => Some(text),
        Kind::NumberValue(number) => Some(number.to_string()),
        Kind::BoolValue(yes) => Some(yes.to_string()),
        Kind::NullValue(_) | Kind::StructValue(_) | Kind::ListValue(_) => None,
    }
}

fn command(arguments: &[String]) -> Result<Command, Status> {
    let [program, arguments @ ..] = arguments else {
        return Err(Status::failed_precondition("the configured command is empty"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

fn response(finished: Finished) -> Struct {
    let text = |text| Value { kind: Some(Kind::StringValue(text)) };
    let returncode = Value { kind: Some(Kind::NumberValue(returncode(finished.status).into())) };
    let fields = [
        ("returncode", returncode),
        ("stdout", text(finished.output.stdout)),
        ("stderr", text(finished.output.stderr)),
    ];
    Struct { fields: fields.map(|(name, value)| (name.to_owned(), value)).into() }
}

/// Magma-compat: a program that a signal ended has that signal's negative number, as in Python.
fn returncode(status: ExitStatus) -> i32 {
    status.code().or_else(|| status.signal().map(|signal| -signal)).unwrap_or(-1)
}

/// Who operates a gateway wants to know later what was run on it.
fn audit(name: &str, arguments: &[String], ended: &Result<Finished, ProgramError>, took: Duration) {
    let outcome = match ended {
        Ok(finished) => finished.status.to_string(),
        Err(error) => error.to_string(),
    };
    let words = arguments.join(" ");
    let run = masked(&words);
    tracing::event!(target: TARGET, LEVEL, command = name, %run, outcome, took_ms = took.as_millis(), "audit: a remote command was run");
}

#[cfg(test)]
mod tests;
