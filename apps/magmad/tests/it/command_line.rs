//! The program: its exit status and what it says.

use std::process::{Command, Output};

use crate::cloud::Cloud;
use crate::gateway::Gateway;

fn magmad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_magmad")).args(arguments).output().expect("the program runs")
}

#[test]
fn the_exit_status_tells_a_mistake_from_a_failure() {
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().to_str().unwrap();
    let absent = format!("{root}/absent");
    let rows: [(&[&str], i32, &str); 7] = [
        (&["version"], 0, concat!("magmad ", env!("CARGO_PKG_VERSION"))),
        (&["--help"], 0, "register"),
        (&["fly"], 2, "fly"),
        (&["register"], 2, "DOMAIN"),
        (&["run", "--log-level", "loud"], 2, "loud"),
        (&["run", "--config-root", root], 1, "magmad.yml"),
        (&["show", "--config-root", &absent], 1, "there is no folder"),
    ];
    for (arguments, status, words) in rows {
        let output = magmad(arguments);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
        assert!(!said.contains("RUST_BACKTRACE"), "{arguments:?}: {said}");
    }
    assert!(!empty.path().join("absent").exists(), "a mistyped folder is not made");
}

#[test]
fn a_cause_is_told_once() {
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().to_str().unwrap();
    let output =
        magmad(&["register", "--config-root", root, "--ca-file", "/nonexistent.pem", "magma.test", "reg_x"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("No such file or directory").count(), 1, "{said}");
    assert!(said.contains("/nonexistent.pem") && said.contains("--ca-file"), "{said}");
}

#[tokio::test]
async fn a_gateways_files_can_be_shown_and_checked() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let root = gateway.root().to_str().unwrap();
    let rows: [(&[&str], i32, &str); 4] = [
        (&["show"], 0, "Hardware ID\n-----------\n1b4e28ba-2fa1-41d2-883f-0016d3cca427"),
        (&["show", "--format", "go"], 0, "Hardware ID:\n------------\n1b4e28ba-2fa1-41d2-883f-0016d3cca427"),
        (&["show", "--format", "rust"], 2, "[possible values: python, go]"),
        (&["check-config"], 0, "magmad can run with these files."),
    ];
    for (arguments, status, words) in rows {
        let output = magmad(&[arguments, &["--config-root", root]].concat());
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    gateway.write("etc/magma/control_proxy.yml", "cloud_port: many\n");
    assert_eq!(magmad(&["check-config", "--config-root", root]).status.code(), Some(1));
}

#[tokio::test]
async fn the_program_runs_until_it_is_told_to_stop() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let mut program = Command::new(env!("CARGO_BIN_EXE_magmad"))
        .args(["run", "--log-level", "error", "--config-root"])
        .arg(gateway.root())
        .spawn()
        .expect("the program runs");
    cloud.until("a check-in", |seen| !seen.reports.is_empty()).await;
    let id = rustix::process::Pid::from_child(&program);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    let ended = tokio::task::spawn_blocking(move || program.wait());
    let status = tokio::time::timeout(std::time::Duration::from_secs(10), ended).await;
    assert!(status.expect("it ends in time").unwrap().unwrap().success());
}
