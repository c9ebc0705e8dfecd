//! Services that are children of the agent end with it, however it ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const MAGMAD: &str = env!("CARGO_BIN_EXE_magmad");

fn launch(arguments: &[&str]) -> Output {
    Command::new(MAGMAD).arg("launch-service").args(arguments).output().expect("magmad runs")
}

fn runs(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[test]
fn a_service_ends_with_a_parent_that_is_killed() {
    // A shell stands for the agent; it cannot end its child when it is killed.
    let script = format!("{MAGMAD} launch-service $$ /bin/sh -c 'echo $$; exec sleep 1000' & wait");
    let mut parent =
        Command::new("/bin/sh").args(["-c", &script]).stdout(Stdio::piped()).spawn().expect("a shell");
    let mut output = BufReader::new(parent.stdout.take().expect("piped"));
    let mut pid = String::new();
    output.read_line(&mut pid).expect("the service's process id");
    let pid = pid.trim();
    assert!(runs(pid));
    parent.kill().expect("killed");
    parent.wait().expect("ended");
    let began = Instant::now();
    while runs(pid) {
        assert!(began.elapsed() < Duration::from_secs(120), "service {pid} outlived its parent");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_service_whose_parent_is_gone_already_is_not_started() {
    let output = launch(&["2147483646", "/bin/echo", "started"]);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("the agent that started this service has ended")
    );
}

#[test]
fn a_program_that_cannot_be_run_is_named() {
    let own = std::process::id().to_string();
    let output = launch(&[&own, "/nonexistent/service"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("cannot run /nonexistent/service"), "{said}");
    assert!(!launch(&[]).status.success());
}
