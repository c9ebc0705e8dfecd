//! Passes the output of a program that never ends on, line by line.

use std::path::PathBuf;
use std::process::Command;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc;

use super::{LineSplitter, ProcessGroup, ProgramError};

/// Starts `command` and gives those lines of its standard output and error that are `wanted` to `lines`, until it
/// ends or nobody listens any more; then it is killed. Dropping the future kills the program too.
///
/// # Errors
/// When the program cannot be started.
pub async fn follow<E>(
    command: Command,
    wanted: impl Fn(&str) -> bool,
    lines: &mpsc::Sender<Result<String, E>>,
) -> Result<(), ProgramError> {
    let program = PathBuf::from(command.get_program());
    let mut group =
        ProcessGroup::spawn(command).map_err(|source| ProgramError::NotStarted { program, source })?;
    let (stdout, stderr) = group.take_output();
    tokio::select! {
        _ = async { tokio::join!(pass_on(stdout, &wanted, lines), pass_on(stderr, &wanted, lines)) } => {}
        () = lines.closed() => {}
    }
    group.kill();
    group.wait().await.ok();
    Ok(())
}

async fn pass_on<E>(
    stream: Option<impl AsyncRead + Unpin>,
    wanted: impl Fn(&str) -> bool,
    lines: &mpsc::Sender<Result<String, E>>,
) {
    let Some(mut stream) = stream else { return };
    let mut splitter = LineSplitter::new();
    let mut piece = vec![0; 4 * 1024];
    let mut complete = Vec::new();
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        splitter.push(&piece[..length], |line| complete.push(line));
        for line in complete.drain(..).filter(|line| wanted(line)) {
            if lines.send(Ok(line)).await.is_err() {
                return;
            }
        }
    }
    if let Some(line) = splitter.finish().filter(|line| wanted(line)) {
        lines.send(Ok(line)).await.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    async fn follow_shell(script: &str, lines: mpsc::Sender<Result<String, Infallible>>) {
        follow(shell(script), |line| line != "skip\n", &lines).await.expect("started");
    }

    fn next(line: Option<Result<String, Infallible>>) -> Option<String> {
        line.map(|Ok(line)| line)
    }

    #[tokio::test]
    async fn every_wanted_line_arrives_and_the_end_too() {
        let (sender, mut lines) = mpsc::channel(1);
        let following = tokio::spawn(follow_shell("echo a; echo skip; echo b; printf c", sender));
        for expected in ["a\n", "b\n", "c\n"] {
            assert_eq!(next(lines.recv().await).as_deref(), Some(expected));
        }
        assert_eq!(lines.recv().await, None);
        following.await.expect("no panic");
    }

    #[tokio::test]
    async fn it_ends_when_nobody_listens_even_if_nothing_is_written() {
        let (sender, mut lines) = mpsc::channel(1);
        let following = tokio::spawn(follow_shell("echo a; exec sleep 1000", sender));
        assert_eq!(next(lines.recv().await).as_deref(), Some("a\n"));
        drop(lines);
        following.await.expect("no panic");
    }
}
