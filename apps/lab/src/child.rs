//! A child process: its output in a file, and gone when the lab is.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// How long a program may take to end in good order.
const GRACE: Duration = Duration::from_secs(60);
/// How much of a log an error shows.
const TAIL_LINES: usize = 15;

/// A running program.
pub struct Child {
    name: String,
    log: PathBuf,
    process: tokio::process::Child,
}

/// A program and its first arguments.
#[derive(Clone)]
pub struct Program {
    file: PathBuf,
    first: Vec<OsString>,
}

impl Program {
    /// The lab itself, in a role.
    pub fn role(role: &str) -> Result<Self> {
        let file = std::env::current_exe().context("finding the lab's own program file")?;
        Ok(Self { file, first: vec![role.into()] })
    }

    /// A program file.
    pub fn file(file: PathBuf) -> Self {
        Self { file, first: Vec::new() }
    }

    /// How to write it in a configuration file.
    pub fn words(&self) -> Vec<String> {
        let file = self.file.to_string_lossy().into_owned();
        std::iter::once(file)
            .chain(self.first.iter().map(|word| word.to_string_lossy().into_owned()))
            .collect()
    }

    fn starting(&self, name: &str) -> String {
        format!("starting {name} ({})", self.file.display())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.file);
        command.args(&self.first).args(arguments).kill_on_drop(true);
        command
    }

    /// Starts it; its output goes to `log`.
    pub fn start(&self, name: &str, arguments: &[&str], log: &Path) -> Result<Child> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("opening {}", log.display()))?;
        let process = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| self.starting(name))?;
        Ok(Child { name: name.to_owned(), log: log.to_owned(), process })
    }

    /// Runs it to its end, which must come within `limit` and be a success.
    pub async fn finish(&self, name: &str, arguments: &[&str], limit: Duration) -> Result<String> {
        // The role's standard input must stay open while it runs.
        let child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| self.starting(name))?;
        let mut child = child;
        let input = child.stdin.take();
        let ended = tokio::time::timeout(limit, child.wait_with_output()).await;
        drop(input);
        let output = ended.with_context(|| format!("{name} did not end within {} s", limit.as_secs()))??;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("{name} failed ({}): {text}{}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(text)
    }
}

impl Child {
    /// Fails, with the end of its log, when it has ended.
    pub fn check(&mut self) -> Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status})\n{}", self.name, self.tail()),
        }
    }

    /// The end of its log.
    pub fn tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        format!("the end of {}:\n  {}", self.log.display(), lines[from..].join("\n  "))
    }

    /// Its process number, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Asks it to end, waits, and kills it if it does not.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(id) = self.process.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            rustix::process::kill_process(id, rustix::process::Signal::TERM).ok();
        }
        if tokio::time::timeout(GRACE, self.process.wait()).await.is_err() {
            self.process.kill().await?;
            bail!("{} did not end within {} s and was killed", self.name, GRACE.as_secs());
        }
        Ok(())
    }
}
