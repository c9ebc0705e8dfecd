//! A child process and everything that it started, ended together.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStderr, ChildStdout};

/// A child that leads a process group of its own. Dropping it kills the group.
#[derive(Debug)]
pub struct ProcessGroup {
    child: Child,
    /// None once the child has ended and its group is left alone.
    id: Option<Pid>,
}

impl ProcessGroup {
    /// Starts `command` without standard input, its output piped.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(mut command: std::process::Command) -> io::Result<Self> {
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Self { child, id })
    }

    /// The process id of the child, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The child's output streams; they can be taken once.
    pub fn take_output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits until the child ends. What it started may still run.
    ///
    /// # Errors
    /// When the system cannot wait for it.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks the group to end (SIGTERM), and kills what is left of it when the child has ended or after `grace`.
    pub async fn stop(mut self, grace: Duration) {
        self.signal(Signal::TERM);
        tokio::time::timeout(grace, self.child.wait()).await.ok();
        self.kill();
        self.child.wait().await.ok();
    }

    /// Kills the group at once (SIGKILL); also what an ended child left behind.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.id = None;
    }

    /// Lets what an ended child left behind run on.
    pub fn release(mut self) {
        self.id = None;
    }

    fn signal(&self, signal: Signal) {
        if let Some(id) = self.id {
            // The one expected error is that nobody is left in the group.
            kill_process_group(id, signal).ok();
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::test_kill_process_group;
    use tokio::io::AsyncReadExt;

    fn shell(script: &str) -> ProcessGroup {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", script]);
        ProcessGroup::spawn(command).expect("a shell")
    }

    /// Waits until no process of the group is left (a killed one stays a zombie until its new parent looks).
    async fn gone(id: Pid) {
        for _ in 0..12_000 {
            if test_kill_process_group(id).is_err() || only_zombies(id) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("process group {id:?} is still there");
    }

    fn only_zombies(id: Pid) -> bool {
        let members = std::fs::read_dir("/proc").expect("proc").flatten().filter_map(|entry| {
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            (fields.get(2)? == &id.as_raw_nonzero().to_string()).then(|| fields[0] == "Z")
        });
        members.into_iter().all(|zombie| zombie)
    }

    async fn first_byte(group: &mut ProcessGroup) {
        let (stdout, _) = group.take_output();
        stdout.expect("piped").read_u8().await.expect("a byte");
    }

    #[tokio::test]
    async fn dropping_it_ends_the_grandchildren_too() {
        let mut group = shell("sleep 1000 & echo x; sleep 1000");
        let id = group.id.expect("running");
        first_byte(&mut group).await;
        drop(group);
        gone(id).await;
    }

    #[tokio::test]
    async fn stop_kills_what_does_not_listen() {
        let mut group = shell("trap '' TERM; (trap '' TERM; sleep 1000) & echo x; wait; wait");
        let id = group.id.expect("running");
        first_byte(&mut group).await;
        group.stop(Duration::from_millis(50)).await;
        gone(id).await;
    }

    #[tokio::test]
    async fn a_released_group_lives_on() {
        let mut group = shell("sleep 1000 & echo $!");
        let id = group.id.expect("running");
        group.wait().await.expect("ended");
        group.release();
        assert!(test_kill_process_group(id).is_ok());
        kill_process_group(id, Signal::KILL).expect("killed by the test");
    }
}
