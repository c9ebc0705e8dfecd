//! Tests of the services as the configuration has them: fixed, dynamic, linked.

use std::fs;

use magma_service303::Registry;
use tempfile::TempDir;
use wire_orc8r::orc8r::ServiceInfo;

use super::*;
use crate::program::testing::install;
use crate::services::Systemd;

/// Services under a systemd that writes down what it is told, and refuses to touch `broken`.
struct Gateway {
    folder: TempDir,
    services: Services,
    restarts: CounterFamily<1>,
}

/// Lines as the agent's own log has them.
const OWN_LINES: &str = "'Nov 22 gw magmad[1]: 2026-11-22T03:17:09Z  INFO eventd: taken' \
                         '2026-11-22T03:17:10Z ERROR a task of the agent ended task=\"eventd\"' \
                         '2026-11-22T03:17:11Z  WARN the reason of eventd: none' \
                         '2026-11-22T03:17:12Z  INFO ctraced: taken'";

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn gateway(fixed: &[&str], dynamic: &[&str], linked: &[&str]) -> Gateway {
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!(
        "echo \"$2 $3\" >> {}/calls\ncase $3 in *broken) echo no >&2; exit 1;; esac",
        folder.path().display()
    );
    let systemctl = install(folder.path(), "systemctl", &script);
    let journalctl = install(folder.path(), "journalctl", &format!("echo $@; printf '%s\\n' {OWN_LINES}"));
    let restarts = Registry::new().counter_family("unexpected_service_restarts", ["service_name"]);
    let names = ServiceNames {
        embedded: strings(&["eventd"]).into_iter().filter(|name| fixed.contains(&name.as_str())).collect(),
        fixed: strings(fixed),
        dynamic: strings(dynamic),
        unasked: strings(&["redis"]).into_iter().collect(),
        logged: strings(&["magmad"]).into_iter().collect(),
    };
    let services = Services::new(
        ServiceController::Systemd(Systemd::with_programs(&systemctl, &journalctl)),
        names,
        ServiceWatch::new(&[strings(linked)], &[], 15),
        restarts.clone(),
    );
    Gateway { folder, services, restarts }
}

impl Gateway {
    /// What systemd was told since the last time, sorted.
    fn calls(&self) -> Vec<String> {
        let path = self.folder.path().join("calls");
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::remove_file(path).ok();
        let mut calls: Vec<String> = text.lines().map(str::to_owned).collect();
        calls.sort();
        calls
    }

    fn answer(&self, service: &str, start_time_secs: u64) -> Restart {
        let info = ServiceInfo { start_time_secs, ..Default::default() };
        self.services.watch().answered(service, info, Instant::now().into_std())
    }
}

#[tokio::test]
async fn all_services_are_started_and_stopped() {
    let gateway = gateway(&["mme", "redis"], &["redirectd"], &[]);
    assert_eq!(gateway.services.start_all().await.done, ["mme", "redis"]);
    assert_eq!(gateway.calls(), ["start magma@mme", "start magma@redis"]);
    assert_eq!(gateway.services.stop_all().await.done, ["mme", "redis"]);
    assert_eq!(gateway.calls(), ["stop magma@mme", "stop magma@redis"]);
    assert_eq!(gateway.services.asked(), strings(&["mme"]).into_iter().collect());
}

#[tokio::test]
async fn a_restart_takes_the_list_or_all_and_names_the_unknown() {
    let restart = "reload-or-restart magma@";
    for (name, list, calls, done, failed) in [
        ("empty means all", &[][..], &["mme", "sessiond"][..], &["mme", "sessiond"][..], &[][..]),
        ("one of the services", &["mme"], &["mme"], &["mme"], &[]),
        ("named twice is restarted once", &["mme", "mme"], &["mme"], &["mme"], &[]),
        ("an unknown one does not stop the others", &["nope", "mme"], &["mme"], &["mme"], &["nope"]),
        ("only unknown ones", &["nope", "--all", ""], &[], &[], &["", "--all", "nope"]),
    ] {
        let gateway = gateway(&["mme", "sessiond"], &["redirectd"], &[]);
        let outcome = gateway.services.restart(&strings(list)).await;
        assert_eq!(outcome.done, done, "{name}");
        assert_eq!(outcome.failed.keys().collect::<Vec<_>>(), failed, "{name}");
        let expected: Vec<String> = calls.iter().map(|service| format!("{restart}{service}")).collect();
        assert_eq!(gateway.calls(), expected, "{name}");
    }
}

#[tokio::test]
async fn a_service_that_refuses_is_reported_beside_those_that_do_not() {
    let gateway = gateway(&["broken", "mme"], &[], &[]);
    let outcome = gateway.services.restart(&strings(&["broken", "mme", "nope"])).await;
    assert_eq!(outcome.done, ["mme"]);
    let text = outcome.to_string();
    assert!(text.starts_with("cannot restart broken: "), "{text}");
    assert!(
        text.contains("; this gateway has no service named \"nope\" (magma_services in magmad.yml"),
        "{text}"
    );
}

#[tokio::test]
async fn an_ordered_restart_is_not_counted_and_another_is() {
    let gateway = gateway(&["mme", "sessiond", "enodebd"], &[], &["mme", "sessiond"]);
    for service in ["mme", "sessiond", "enodebd"] {
        assert_eq!(gateway.restarts.with([service]).value(), 0);
        gateway.answer(service, 100);
    }
    gateway.services.restart(&strings(&["mme"])).await;
    for (service, seen, counted) in [
        ("mme", Restart::Expected, 0),
        ("sessiond", Restart::Expected, 0),
        ("enodebd", Restart::Unexpected, 1),
    ] {
        let restart = gateway.answer(service, 110);
        assert_eq!(restart, seen, "{service}");
        gateway.services.saw(service, restart);
        assert_eq!(gateway.restarts.with([service]).value(), counted, "{service}");
    }
}

#[tokio::test]
async fn dynamic_services_follow_the_cloud_and_fixed_ones_stay() {
    let gateway = gateway(&["mme", "redirectd"], &["redirectd", "monitord", "td-agent-bit"], &[]);
    let switch = async |wanted: &[&str]| gateway.services.switch_dynamic(&strings(wanted)).await;
    switch(&["monitord", "redirectd", "not_registered"]).await;
    assert_eq!(gateway.calls(), ["start magma@monitord"]);
    assert_eq!(gateway.services.current(), strings(&["mme", "monitord", "redirectd"]).into_iter().collect());
    switch(&["monitord"]).await;
    assert_eq!(gateway.calls(), Vec::<String>::new());
    switch(&["td-agent-bit"]).await;
    assert_eq!(gateway.calls(), ["start magma@td-agent-bit", "stop magma@monitord"]);
    assert!(gateway.services.restart(&strings(&["monitord"])).await.done.is_empty());
    assert_eq!(gateway.services.restart(&strings(&["redirectd"])).await.done, ["redirectd"]);
}

#[tokio::test]
async fn logs_are_for_known_names_only() {
    let gateway = gateway(&["mme"], &["monitord"], &[]);
    for known in ["", "mme", "monitord", "magmad"] {
        assert!(gateway.services.tail_logs(known).is_ok(), "{known}");
    }
    for unknown in ["nope", "mme ", "../mme", "--all"] {
        assert!(matches!(gateway.services.tail_logs(unknown), Err(ServiceError::Unknown(_))), "{unknown}");
    }
}

#[tokio::test]
async fn the_state_of_a_foreign_service_is_not_asked_for() {
    let gateway = gateway(&["mme"], &[], &[]);
    assert_eq!(gateway.services.state("mme").await.expect("known"), ServiceState::Unknown);
    assert_eq!(gateway.calls(), ["is-active magma@mme"]);
    assert!(gateway.services.state("sshd").await.is_err());
    assert!(gateway.calls().is_empty());
}

#[tokio::test]
async fn what_the_agent_serves_itself_is_in_its_own_log() {
    let gateway = gateway(&["eventd", "mme"], &[], &[]);
    for (service, unit) in [("mme", "magma@mme"), ("magmad", "magma@magmad")] {
        let mut log = gateway.services.tail_logs(service).expect("known");
        let line = log.next().await.expect("a line").expect("no error");
        assert!(line.trim_end().ends_with(unit), "{service}: {line}");
    }
}

#[tokio::test]
async fn of_its_own_log_a_service_that_the_agent_serves_has_its_own_lines() {
    let gateway = gateway(&["eventd", "mme"], &[], &[]);
    let mut log = gateway.services.tail_logs("eventd").expect("known");
    let mut lines = Vec::new();
    while let Some(Ok(line)) = log.next().await {
        lines.push(line);
    }
    let [said, task] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(said.ends_with("INFO eventd: taken\n") && task.ends_with("task=\"eventd\"\n"), "{lines:?}");
}
