//! Runs a program of this machine by its arguments: no shell, no input, no inherited environment.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

/// How much of a program's output is kept, in bytes; the rest is read and dropped.
const OUTPUT_MAX: usize = 16 * 1024;

/// Runs it to its end. It is not killed when it takes too long or when we end: half of an installation is worse than a late
/// one.
///
/// # Errors
/// In words, with the end of what it wrote, when it cannot be started, fails, or takes too long.
pub async fn run(words: &[String], limit: Duration) -> Result<String, String> {
    let [name, arguments @ ..] = words else { return Err("there is no program to run".to_owned()) };
    let mut child = Command::new(name)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let work = async { tokio::join!(read(stdout), read(stderr), child.wait()) };
    let (stdout, stderr, status) =
        timeout(limit, work).await.map_err(|_| format!("{name} did not end within {} s", limit.as_secs()))?;
    let status = status.map_err(|error| format!("{name}: {error}"))?;
    if status.success() {
        return Ok(stdout);
    }
    let said = if stderr.trim().is_empty() { stdout } else { stderr };
    Err(format!("{name} failed ({status}): {}", last_lines(&said)))
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let (mut kept, mut piece) = (Vec::new(), vec![0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece).await {
        kept.extend_from_slice(&piece[..length]);
        let surplus = kept.len().saturating_sub(OUTPUT_MAX);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// What matters stands at the end.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn arguments_arrive_as_they_are() {
        let sentence = "$(reboot); `id` | x > y && z 'q' \"r\" *";
        let said = run(&words(&["printf", "%s", sentence]), Duration::from_secs(60)).await;
        assert_eq!(said.as_deref(), Ok(sentence));
    }

    #[tokio::test]
    async fn a_failure_says_which_program_and_what_it_wrote_last() {
        let limit = Duration::from_secs(60);
        let missing = run(&words(&["/nowhere/dpkg"]), limit).await.expect_err("missing");
        assert!(missing.contains("/nowhere/dpkg cannot be started"), "{missing}");
        let failed = run(&words(&["ls", "/nowhere"]), limit).await.expect_err("failed");
        assert!(failed.contains("ls failed") && failed.contains("/nowhere"), "{failed}");
        assert!(run(&[], limit).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_does_not_end_is_given_up() {
        let late = run(&words(&["sleep", "10"]), Duration::from_millis(1)).await.expect_err("late");
        assert!(late.contains("did not end"), "{late}");
    }
}
