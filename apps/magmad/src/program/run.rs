//! Runs one program to its end, within a deadline, and keeps the beginning of its output.

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::ProcessGroup;

/// How much of each output stream is kept, in bytes of the resulting text; the rest is read and dropped.
pub const OUTPUT_BYTES_MAX: usize = 1024 * 1024;

/// How long output is awaited after the program itself has ended: a program that it left behind may hold the pipe.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);

/// Why a program did not end by itself.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// The program is not installed, or not to be run by this user.
    #[error("cannot run {}: {}", program.display(), why(source))]
    NotStarted {
        /// What was to be run.
        program: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It ran longer than it may, and it and all that it started were killed.
    #[error("{} did not end within {} s and was killed", program.display(), limit.as_secs_f32())]
    Killed {
        /// What was run.
        program: PathBuf,
        /// How long it could run.
        limit: Duration,
        /// What it had put out by then.
        output: Box<Captured>,
    },
}

/// What a program put out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// Standard output; bytes that are not UTF-8 became U+FFFD.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
}

/// A program that ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it put out, each stream cut at [`OUTPUT_BYTES_MAX`], which the text then says.
    pub output: Captured,
}

/// Runs `command` for `limit` at most. When the caller stops waiting, the program is killed too.
///
/// # Errors
/// When the program cannot be started, or was killed at the limit.
pub async fn run(command: Command, limit: Duration) -> Result<Finished, ProgramError> {
    let program = PathBuf::from(command.get_program());
    let mut group = match ProcessGroup::spawn(command) {
        Ok(group) => group,
        Err(source) => return Err(ProgramError::NotStarted { program, source }),
    };
    let (stdout, stderr) = group.take_output();
    let (mut out, mut err) = (Capture::default(), Capture::default());
    let ended = {
        let mut reading = Box::pin(async { tokio::join!(out.read(stdout), err.read(stderr)) });
        let waiting = async {
            let status = tokio::select! {
                status = group.wait() => status,
                _ = &mut reading => return group.wait().await,
            };
            tokio::time::timeout(OUTPUT_GRACE, &mut reading).await.ok();
            status
        };
        tokio::time::timeout(limit, waiting).await
    };
    let output = Captured { stdout: out.into_text(), stderr: err.into_text() };
    match ended {
        Ok(Ok(status)) => {
            group.release();
            Ok(Finished { status, output })
        }
        Ok(Err(source)) => Err(ProgramError::NotStarted { program, source }),
        Err(_) => {
            group.kill();
            Err(ProgramError::Killed { program, limit, output: Box::new(output) })
        }
    }
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it is not installed".to_owned(),
        _ => error.to_string(),
    }
}

/// The beginning of a stream.
#[derive(Default)]
struct Capture {
    kept: Vec<u8>,
    cut: bool,
}

impl Capture {
    /// Reads to the end, so that the writer never blocks, and keeps the first [`OUTPUT_BYTES_MAX`] bytes.
    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        let mut piece = vec![0; 8 * 1024];
        while let Ok(length @ 1..) = stream.read(&mut piece).await {
            let room = OUTPUT_BYTES_MAX - self.kept.len();
            self.cut |= length > room;
            self.kept.extend_from_slice(&piece[..length.min(room)]);
        }
    }

    fn into_text(self) -> String {
        let mut text = String::from_utf8_lossy(&self.kept).into_owned();
        let cut = self.cut || text.len() > OUTPUT_BYTES_MAX;
        text.truncate(text.floor_char_boundary(OUTPUT_BYTES_MAX));
        if cut {
            text.push_str(&format!("\n[magmad: output cut after {OUTPUT_BYTES_MAX} bytes]\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    const LIMIT: Duration = Duration::from_secs(120);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    async fn finished(script: &str) -> Finished {
        run(shell(script), LIMIT).await.expect(script)
    }

    #[tokio::test]
    async fn status_and_both_streams_are_reported() {
        let finished = finished("printf out; printf err >&2; exit 3").await;
        assert_eq!(finished.status.code(), Some(3));
        assert_eq!(finished.output, Captured { stdout: "out".to_owned(), stderr: "err".to_owned() });
    }

    #[tokio::test]
    async fn a_program_killed_by_a_signal_says_so() {
        assert_eq!(finished("kill -9 $$").await.status.signal(), Some(9));
    }

    #[tokio::test]
    async fn output_that_is_not_utf8_is_replaced() {
        assert_eq!(finished(r"printf 'a\377b'").await.output.stdout, "a\u{fffd}b");
    }

    #[tokio::test]
    async fn long_output_is_cut_and_the_program_still_ends() {
        let output = finished("head -c 3000000 /dev/zero; echo done >&2").await.output;
        assert!(output.stdout.len() < OUTPUT_BYTES_MAX + 100);
        assert!(output.stdout.ends_with("[magmad: output cut after 1048576 bytes]\n"));
        assert_eq!(output.stderr, "done\n");
    }

    #[tokio::test]
    async fn replacement_characters_do_not_lift_the_bound() {
        let output = finished(r"head -c 1000000 /dev/zero | tr '\0' '\377'").await.output;
        assert!(output.stdout.len() < OUTPUT_BYTES_MAX + 100, "{}", output.stdout.len());
    }

    #[tokio::test]
    async fn a_daemon_that_holds_the_pipe_does_not_hold_the_answer() {
        let finished = finished("sleep 1000 & echo $!").await;
        let id: i32 = finished.output.stdout.trim().parse().expect("a process id");
        let left = rustix::process::Pid::from_raw(id).expect("a process id");
        rustix::process::kill_process(left, rustix::process::Signal::KILL).expect("left running, until now");
    }

    #[tokio::test]
    async fn the_deadline_kills_and_tells_what_came_out_before() {
        // A busy machine may not have begun with it after the first of these limits.
        for limit in [Duration::from_millis(300), Duration::from_secs(5), LIMIT] {
            match run(shell("echo begun; sleep 1000"), limit).await.expect_err("killed") {
                ProgramError::Killed { output, .. } if output.stdout.is_empty() => {}
                ProgramError::Killed { output, .. } => return assert_eq!(output.stdout, "begun\n"),
                other => panic!("{other}"),
            }
        }
        panic!("what came out before is not told");
    }

    #[tokio::test]
    async fn a_missing_program_is_named() {
        let error = run(Command::new("/nonexistent/program"), LIMIT).await.expect_err("missing");
        assert_eq!(error.to_string(), "cannot run /nonexistent/program: it is not installed");
    }
}
