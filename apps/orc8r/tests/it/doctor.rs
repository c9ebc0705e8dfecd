//! What `orc8r doctor` and `orc8r check-config` say of an Orchestrator that runs, and of one that cannot.

use std::process::Command;

use serde_json::Value;

use crate::certificates::ORC8R;
use crate::edge::{DOMAIN, Edge};

/// The exit status, whether all is well, and the verdicts of the steps.
fn examined(arguments: &[&str]) -> (Option<i32>, Vec<(String, String)>) {
    let output = Command::new(ORC8R).arg("--json").args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let said: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let word = |step: &Value, field: &str| step[field].as_str().unwrap().to_owned();
    let steps = said["steps"].as_array().unwrap();
    let steps = steps.iter().map(|step| (word(step, "step"), word(step, "verdict"))).collect();
    assert_eq!(said["ok"].as_bool(), Some(output.status.success()), "{text}");
    (output.status.code(), steps)
}

fn not_ok(steps: &[(String, String)]) -> Vec<(&str, &str)> {
    steps.iter().filter(|(_, verdict)| verdict != "ok").map(|(s, v)| (s.as_str(), v.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_finds_a_running_orchestrator_well_and_says_what_is_not() {
    let edge = Edge::start().await;
    let doors = edge.running.addresses();
    let (data, file) = (edge.data.path().to_str().unwrap(), edge.data.path().join("a.backup"));
    let ports = [doors.gateways, doors.bootstrap, doors.rest, doors.logs].map(|door| door.to_string());
    let mut arguments = vec!["doctor", "--data-dir", data];
    for (option, port) in
        ["--listen-gateways", "--listen-bootstrap", "--listen-rest", "--listen-logs"].iter().zip(&ports)
    {
        arguments.extend([*option, port.as_str()]);
    }
    std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let (code, steps) = examined(&arguments);
    // How much of the disk is free is the machine's business.
    let not_ok_here = |steps: &[(String, String)]| -> Vec<(String, String)> {
        let of_interest = steps.iter().filter(|(step, verdict)| step != "disk" && verdict != "ok");
        of_interest.cloned().collect()
    };
    assert_eq!((code, not_ok_here(&steps)), (Some(0), vec![("backup".into(), "warn".into())]));
    assert!(steps.contains(&("readiness".into(), "ok".into())), "{steps:?}");
    let made = Command::new(ORC8R).args(["backup", "--data-dir", data]).arg(&file).output().unwrap();
    assert!(made.status.success());
    assert_eq!(not_ok_here(&examined(&arguments).1), [], "the backup is known");

    edge.running.shutdown().await;
    std::fs::write(edge.data.path().join("certs/certifier.key"), "nonsense").unwrap();
    std::fs::remove_file(edge.data.path().join("subscriber.keys")).unwrap();
    std::fs::set_permissions(data, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let (code, steps) = examined(&arguments);
    let expected = [("data folder", "warn"), ("certifier", "fail"), ("subscriber keys", "fail")];
    let expected: Vec<(String, String)> = expected.map(|(s, v)| (s.into(), v.into())).into();
    assert_eq!((code, not_ok_here(&steps)), (Some(1), expected));
    let (code, steps) = examined(&["doctor", "--data-dir", "/nonexistent/x"]);
    assert_eq!(
        (code, not_ok(&steps)),
        (Some(1), vec![("data folder", "fail")]),
        "the rest would follow from it"
    );
}

#[test]
fn check_config_takes_the_options_of_serve() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let (code, steps) = examined(&["check-config", "--domain", DOMAIN, "--data-dir", data]);
    assert_eq!((code, not_ok(&steps)), (Some(0), vec![("certificates", "warn")]));
    let (code, steps) =
        examined(&["check-config", "--domain", DOMAIN, "--data-dir", data, "--listen-rest", "0.0.0.0:8443"]);
    assert_eq!((code, not_ok(&steps)), (Some(1), vec![("ports", "fail"), ("certificates", "warn")]));
}
