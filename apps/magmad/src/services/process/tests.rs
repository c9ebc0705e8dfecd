//! Tests of child processes with real programs: restarts, logs, and nothing left behind.

use std::fs;
use std::path::Path;

use super::*;
use crate::program::testing::ended;
use crate::services::ServiceController;
use tempfile::TempDir;

const TIMES: Supervision = Supervision {
    stop_grace: Duration::from_secs(5),
    first_pause: Duration::from_millis(20),
    longest_pause: Duration::from_millis(40),
    steady_after: Duration::from_secs(60),
};

fn supervisor(services: &[(&str, &str)]) -> (TempDir, ServiceController) {
    let folder = tempfile::tempdir().expect("a folder");
    let command = |script: &str| {
        let script = format!("cd {}; {script}", folder.path().display());
        vec!["/bin/sh".to_owned(), "-c".to_owned(), script]
    };
    let commands = services.iter().map(|(name, script)| ((*name).to_owned(), command(script))).collect();
    let supervisor = ProcessSupervisor::new(commands, folder.path().join("log"), Vec::new(), TIMES);
    (folder, ServiceController::Process(supervisor))
}

async fn until(lines: &mut LogLines, wanted: &str) {
    loop {
        let line = lines.next().await.expect("a line").expect("no error");
        if line.starts_with(wanted) {
            return;
        }
    }
}

fn log_of(services: &ServiceController, name: &str) -> LogLines {
    services.tail_logs(LogSource::Service(name.to_owned()))
}

fn pid_in(folder: &Path, file: &str) -> i32 {
    fs::read_to_string(folder.join(file)).expect(file).trim().parse().expect("a process id")
}

#[tokio::test]
async fn a_service_is_started_once_and_stopped_with_all_it_started() {
    let (folder, services) =
        supervisor(&[("mme", "sleep 1000 & echo $! > child; echo $$ >> started; echo up; wait")]);
    assert_eq!(services.state("mme").await, ServiceState::Inactive);
    services.start("mme").await.expect("started");
    services.start("mme").await.expect("it runs already");
    assert_eq!(services.state("mme").await, ServiceState::Active);
    until(&mut log_of(&services, "mme"), "up").await;
    services.stop("mme").await.expect("stopped");
    assert_eq!(services.state("mme").await, ServiceState::Inactive);
    ended(pid_in(folder.path(), "child")).await;
    ended(pid_in(folder.path(), "started")).await;
    services.stop("mme").await.expect("it is stopped already");
}

#[tokio::test]
async fn a_restart_is_a_new_process() {
    let (folder, services) = supervisor(&[("mme", "echo $$ >> started; echo up; exec sleep 1000")]);
    services.restart("mme").await.expect("started");
    let mut log = log_of(&services, "mme");
    until(&mut log, "up").await;
    services.restart("mme").await.expect("restarted");
    until(&mut log, "up").await;
    let started = fs::read_to_string(folder.path().join("started")).expect("started");
    assert_eq!(started.lines().count(), 2);
    ended(started.lines().next().expect("first").parse().expect("a process id")).await;
}

#[tokio::test]
async fn a_service_that_ends_is_started_again_without_what_it_left_behind() {
    let (folder, services) = supervisor(&[(
        "mme",
        "sleep 1000 & echo $! >> children; test -e second && exec sleep 1000; : > second; exit 7",
    )]);
    services.start("mme").await.expect("started");
    let mut log = log_of(&services, "mme");
    until(&mut log, "[magmad: it ended with exit status: 7; next start in 0.0 s]").await;
    while fs::read_to_string(folder.path().join("children")).expect("children").lines().count() < 2 {
        tokio::task::yield_now().await;
    }
    let children = fs::read_to_string(folder.path().join("children")).expect("children");
    ended(children.lines().next().expect("first").parse().expect("a process id")).await;
    assert_eq!(services.state("mme").await, ServiceState::Active);
}

#[tokio::test]
async fn a_program_that_cannot_be_run_is_an_error_and_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("mme");
    let commands = BTreeMap::from([("mme".to_owned(), vec![program.display().to_string()])]);
    let services = ServiceController::Process(ProcessSupervisor::new(
        commands,
        folder.path().join("log"),
        Vec::new(),
        TIMES,
    ));
    let error = services.start("mme").await.expect_err("missing").to_string();
    assert!(error.starts_with(&format!("cannot start mme: cannot run {}: ", program.display())), "{error}");
    assert_eq!(services.state("mme").await, ServiceState::Failed);
    crate::program::testing::install(folder.path(), "mme", "echo up; exec sleep 1000");
    until(&mut log_of(&services, "mme"), "up").await;
    assert_eq!(services.state("mme").await, ServiceState::Active);
}

#[tokio::test]
async fn a_service_without_a_command_is_named() {
    let (_folder, services) = supervisor(&[]);
    let error = services.start("mme").await.expect_err("no command").to_string();
    assert_eq!(error, "cannot start mme: cannot run mme: service_commands in magmad.yml does not name it");
    assert_eq!(services.state("mme").await, ServiceState::Unknown);
    assert!(log_of(&services, "mme").next().await.expect("an item").is_err());
}

#[tokio::test]
async fn dropping_the_supervisor_leaves_nothing_behind() {
    let (folder, services) =
        supervisor(&[("mme", "trap '' TERM; sleep 1000 & echo $! > child; echo up; wait")]);
    services.start("mme").await.expect("started");
    until(&mut log_of(&services, "mme"), "up").await;
    drop(services);
    ended(pid_in(folder.path(), "child")).await;
}

#[tokio::test]
async fn shutting_down_lets_services_end_in_good_order() {
    let script = "trap 'echo bye > said; exit' TERM; echo up; while :; do sleep 0.01; done";
    let (folder, services) = supervisor(&[("mme", script), ("sessiond", "exec sleep 1000")]);
    services.start("mme").await.expect("started");
    services.start("sessiond").await.expect("started");
    until(&mut log_of(&services, "mme"), "up").await;
    services.shut_down().await;
    assert_eq!(services.state("mme").await, ServiceState::Inactive);
    assert_eq!(services.state("sessiond").await, ServiceState::Inactive);
    assert!(folder.path().join("said").exists());
    let kept = fs::read_to_string(folder.path().join("log/mme.log")).expect("the log file");
    assert!(kept.starts_with("up\n"), "{kept}");
}

#[tokio::test]
async fn the_whole_gateways_log_names_the_services() {
    let (_folder, services) =
        supervisor(&[("mme", "echo hello; exec sleep 1000"), ("sessiond", "echo hi; exec sleep 1000")]);
    let mut log = services.tail_logs(LogSource::System);
    services.start("mme").await.expect("started");
    services.start("sessiond").await.expect("started");
    let mut lines = Vec::new();
    while lines.len() < 2 {
        lines.push(log.next().await.expect("a line").expect("no error"));
    }
    lines.sort();
    assert_eq!(lines, ["mme: hello\n", "sessiond: hi\n"]);
}
