//! Restarting the whole machine.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use magma_config::Paths;
use magma_rpc::tonic;

use crate::program;

/// How long the disks may take to write what is in memory.
const SYNC_LIMIT: Duration = Duration::from_secs(10);

/// How long a program may take to begin a restart.
const REBOOT_LIMIT: Duration = Duration::from_secs(30);

/// The machine that can be restarted. Tests have one that only counts.
#[tonic::async_trait]
pub trait Machine: Send + Sync + 'static {
    /// Why the machine is not to be restarted by this program, if so; a sentence for the operator.
    fn refusal(&self) -> Option<String> {
        None
    }

    /// Restarts the machine; on success the program is ended soon.
    ///
    /// # Errors
    /// A sentence for the operator.
    async fn reboot(&self) -> Result<(), String>;
}

/// This machine, through the programs that restart it in good order.
///
/// Deviation: Magma pulls the kernel's reset without writing the disks.
#[derive(Clone, Debug)]
pub struct SystemMachine {
    programs: Vec<Vec<String>>,
}

impl SystemMachine {
    /// The machine whose gateway has its files in `paths`: this one, unless they are under a root of their own. There a
    /// configuration is being tried, and the machine belongs to somebody else.
    pub fn of(paths: &Paths) -> Self {
        if paths.root() == Path::new("/") { Self::system() } else { Self::with_programs(Vec::new()) }
    }

    /// `systemctl reboot`, else `reboot`.
    pub fn system() -> Self {
        let programs = [&["systemctl", "reboot"][..], &["reboot"]];
        Self::with_programs(programs.map(|argv| argv.iter().map(|&word| word.to_owned()).collect()).to_vec())
    }

    /// Tries these programs with their arguments, in this order, until one succeeds.
    pub fn with_programs(programs: Vec<Vec<String>>) -> Self {
        Self { programs }
    }
}

#[tonic::async_trait]
impl Machine for SystemMachine {
    fn refusal(&self) -> Option<String> {
        let refused = self.programs.is_empty();
        refused.then(|| "this agent runs with --config-root; it leaves the machine alone".to_owned())
    }

    async fn reboot(&self) -> Result<(), String> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        if tokio::time::timeout(SYNC_LIMIT, tokio::task::spawn_blocking(rustix::fs::sync)).await.is_err() {
            tracing::error!("the disks do not take what is in memory; restarting the machine all the same");
        }
        let mut failures = Vec::new();
        for argv in &self.programs {
            match begin(argv).await {
                Ok(()) => return Ok(()),
                Err(failure) => failures.push(failure),
            }
        }
        Err(failures.join("; "))
    }
}

async fn begin(argv: &[String]) -> Result<(), String> {
    let [program, arguments @ ..] = argv else { return Err("no program".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments);
    let finished = program::run(command, REBOOT_LIMIT).await.map_err(|error| error.to_string())?;
    if finished.status.success() {
        return Ok(());
    }
    Err(format!("{program} says no ({}): {}", finished.status, finished.output.stderr.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::testing::install;
    use std::fs;

    #[tokio::test]
    async fn the_first_program_that_works_is_the_last_one_run() {
        let folder = tempfile::tempdir().expect("a folder");
        let record = format!("echo \"$(basename $0) $@\" >> {}/calls", folder.path().display());
        let argv = |name: &str, script: &str| {
            vec![install(folder.path(), name, script).display().to_string(), "now".to_owned()]
        };
        let machine = SystemMachine::with_programs(vec![
            vec!["/nonexistent/systemctl".to_owned()],
            argv("refusing", &format!("{record}; echo no >&2; exit 1")),
            argv("working", &record),
            argv("unneeded", &record),
        ]);
        assert_eq!(machine.reboot().await, Ok(()));
        let calls = fs::read_to_string(folder.path().join("calls")).expect("calls");
        assert_eq!(calls, "refusing now\nworking now\n");
    }

    #[tokio::test]
    async fn a_configuration_that_is_being_tried_restarts_nothing() {
        let machine = SystemMachine::of(&Paths::under("/nonexistent/root"));
        let refusal = machine.refusal().expect("refused");
        assert_eq!(machine.reboot().await, Err(refusal));
        assert_eq!(SystemMachine::of(&Paths::system()).refusal(), None);
    }

    #[tokio::test]
    async fn a_machine_that_cannot_be_restarted_tells_why() {
        let machine = SystemMachine::with_programs(vec![vec!["/nonexistent/reboot".to_owned()]]);
        let why = machine.reboot().await.expect_err("nothing to run");
        assert!(why.starts_with("cannot run /nonexistent/reboot"), "{why}");
    }
}
