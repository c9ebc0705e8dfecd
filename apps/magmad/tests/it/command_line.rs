//! The program: its exit status and what it says.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::cloud::Cloud;
use crate::gateway::Gateway;

const PATIENCE: Duration = Duration::from_secs(120);

fn magmad(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_magmad")).args(arguments).output().expect("the program runs")
}

/// The agent of this gateway as a program, with its log in a pipe.
fn run(gateway: &Gateway) -> Child {
    Command::new(env!("CARGO_BIN_EXE_magmad"))
        .args(["run", "--log-level", "info", "--config-root"])
        .arg(gateway.root())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

#[test]
fn the_exit_status_tells_a_mistake_from_a_failure() {
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().to_str().unwrap();
    let absent = format!("{root}/absent");
    let rows: [(&[&str], i32, &str); 14] = [
        (&["version"], 0, concat!("magmad ", env!("CARGO_PKG_VERSION"))),
        (&["version", "--json"], 0, concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"")),
        (&["-V"], 0, concat!("magmad ", env!("CARGO_PKG_VERSION"), "\n")),
        (&["--help"], 0, "register"),
        (&["help", "register"], 0, "Usage: magmad register [OPTIONS] DOMAIN TOKEN"),
        (&["fly"], 2, "fly"),
        (&["statsu"], 2, "there is no command \"statsu\""),
        (&["run", "--json"], 2, "there is no option --json"),
        (&["show", "--config-root", &absent, "--json"], 1, "{\"error\":\"there is no folder"),
        (
            &["run", "--config-root", root, "--log-to", "file"],
            1,
            "expected is one of: stderr, stdout, syslog",
        ),
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
fn a_mistyped_registration_is_refused_before_anything_is_made() {
    let empty = tempfile::tempdir().unwrap();
    let root = empty.path().to_str().unwrap();
    let rows = [
        ("", "reg_x", "DOMAIN is \"\""),
        ("https://magma.test", "reg_x", "without https:// and without a port"),
        ("magma.test:8444", "reg_x", "DOMAIN is \"magma.test:8444\""),
        ("magma..test", "reg_x", "DOMAIN is"),
        (".magma.test", "reg_x", "DOMAIN is"),
        ("magma_test", "reg_x", "DOMAIN is"),
        ("magma test", "reg_x", "DOMAIN is"),
        ("magma.test", "", "TOKEN is empty"),
        ("magma-1.test", " ", "TOKEN is empty"),
    ];
    for (domain, token, words) in rows {
        let output = magmad(&["register", "--config-root", root, domain, token]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{domain:?} {token:?}: {said}");
        assert!(said.contains(words), "{domain:?} {token:?}: {said}");
    }
    assert_eq!(std::fs::read_dir(root).unwrap().count(), 0, "no identity is made");
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
        (&["show", "--format", "rust"], 2, "expected is one of: python, go"),
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
    let mut program = run(&gateway);
    let mut log = BufReader::new(program.stderr.take().unwrap()).lines();
    cloud.until("a check-in", |seen| !seen.reports.is_empty()).await;
    let ended = tokio::task::spawn_blocking(move || {
        let id = Pid::from_child(&program);
        kill_process(id, Signal::HUP).unwrap();
        assert!(log.any(|line| line.unwrap().contains("INFO SIGHUP is ignored")), "it ended without a word");
        kill_process(id, Signal::TERM).unwrap();
        let rest: Vec<String> = log.map(Result::unwrap).collect();
        (program.wait().unwrap(), rest)
    });
    let (status, rest) = tokio::time::timeout(PATIENCE, ended).await.expect("it ends in time").unwrap();
    assert!(status.success(), "{rest:?}");
    assert!(!rest.iter().any(|line| line.contains("SIGHUP")), "one line for one signal: {rest:?}");
}

#[tokio::test]
async fn a_second_agent_for_a_gateway_ends_and_one_after_a_crash_does_not() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let mut first = run(&gateway);
    cloud.until("a check-in", |seen| !seen.reports.is_empty()).await;
    let second = magmad(&["run", "--config-root", gateway.root().to_str().unwrap()]);
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("var/opt/magma/magmad.lock; stop that one first"), "{said}");
    assert!(said.contains(&format!("another magmad (process {})", first.id())), "{said}");

    first.kill().unwrap();
    first.wait().unwrap();
    let reports = cloud.seen().reports.len();
    let mut next = run(&gateway);
    cloud.until("a check-in after the crash", |seen| seen.reports.len() > reports).await;
    next.kill().unwrap();
    next.wait().unwrap();
}
