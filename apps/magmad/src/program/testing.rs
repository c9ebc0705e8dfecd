//! What tests of programs need: fake programs, and whether a process has ended.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Makes a program out of a shell script and returns its path.
///
/// Another process writes the file: were it open for writing here while a test beside this one forks, it could not be
/// run ("text file busy").
pub(crate) fn install(folder: &Path, name: &str, script: &str) -> PathBuf {
    let path = folder.join(name);
    let written = Command::new("/bin/sh")
        .args(["-c", r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 755 "$0""#])
        .arg(&path)
        .arg(script)
        .status();
    assert!(written.expect("a shell").success());
    path
}

/// Waits until a process has ended. One that nobody waited for yet counts as ended.
pub(crate) async fn ended(pid: i32) {
    for _ in 0..12_000 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X'])) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {pid} still runs");
}
