//! Table tests of generic commands: parameters, limits, what is refused.

use std::fs;

use magma_rpc::Code;
use prost_types::ListValue;

use super::*;
use crate::program::testing::ended;

fn commands(table: &[(&str, &str, bool)], limit: Duration) -> GenericCommands {
    let shell_commands = table
        .iter()
        .map(|(name, command, allow_params)| {
            ((*name).to_owned(), ShellCommand { command: (*command).to_owned(), allow_params: *allow_params })
        })
        .collect();
    GenericCommands::new(&GenericCommand { timeout: limit, shell_commands })
}

fn gateway() -> GenericCommands {
    let table = [
        ("bash", "/bin/sh {}", true),
        ("echo", "echo {}", true),
        ("fixed", "echo {x} '$HOME'", false),
        ("missing", "/nonexistent/program", false),
        ("empty", "", false),
        ("broken", "echo {x}", true),
    ];
    commands(&table, Duration::from_secs(30))
}

fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

fn string(text: &str) -> Value {
    value(Kind::StringValue(text.to_owned()))
}

fn list(values: Vec<Value>) -> Value {
    value(Kind::ListValue(ListValue { values }))
}

fn params(fields: Vec<(&str, Value)>) -> Option<Struct> {
    Some(Struct { fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect() })
}

fn shell_params(parameters: &[&str]) -> Option<Struct> {
    params(vec![(PARAMETERS, list(parameters.iter().map(|text| string(text)).collect()))])
}

/// The three results: `returncode`, `stdout`, `stderr`.
fn results(response: &Struct) -> (f64, &str, &str) {
    assert_eq!(response.fields.len(), 3);
    let text = |name: &str| match &response.fields[name].kind {
        Some(Kind::StringValue(text)) => text.as_str(),
        other => panic!("{name}: {other:?}"),
    };
    match response.fields["returncode"].kind {
        Some(Kind::NumberValue(number)) => (number, text("stdout"), text("stderr")),
        ref other => panic!("returncode: {other:?}"),
    }
}

#[tokio::test]
async fn a_command_runs_with_its_parameters_and_without_a_shell() {
    for (name, command, params, expected) in [
        ("a parameter", "echo", shell_params(&["hello"]), (0.0, "hello\n", "")),
        (
            "one with blanks is split",
            "bash",
            shell_params(&["-c 'echo a  b; echo c >&2; exit 3'"]),
            (3.0, "a b\n", "c\n"),
        ),
        (
            "a shell's signs stay text",
            "echo",
            shell_params(&["$(id) ; touch x | y"]),
            (0.0, "$(id) ; touch x | y\n", ""),
        ),
        ("killed by a signal", "bash", shell_params(&["-c 'kill -9 $$'"]), (-9.0, "", "")),
        ("not UTF-8", "bash", shell_params(&[r"-c 'printf \\377'"]), (0.0, "\u{fffd}", "")),
        ("parameters that are not allowed", "fixed", shell_params(&["ignored"]), (0.0, "{x} $HOME\n", "")),
        ("no parameters at all", "fixed", None, (0.0, "{x} $HOME\n", "")),
    ] {
        let response = gateway().run(command, params).await.expect(name);
        assert_eq!(results(&response), expected, "{name}");
    }
}

#[tokio::test]
async fn numbers_and_truth_values_are_parameters_too() {
    for (kind, expected) in [
        (Kind::NumberValue(5.0), "5\n"),
        (Kind::NumberValue(0.5), "0.5\n"),
        (Kind::BoolValue(true), "true\n"),
        (Kind::StringValue(String::new()), "\n"),
    ] {
        let params = params(vec![(PARAMETERS, list(vec![value(kind)]))]);
        assert_eq!(results(&gateway().run("echo", params).await.expect(expected)).1, expected);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_words() {
    let invalid = Code::InvalidArgument;
    for (name, command, params, code, words) in [
        ("another command", "reboot", None, invalid, "no config for reboot"),
        ("too few", "echo", shell_params(&[]), invalid, "takes 1 parameter in shell_params, got 0"),
        ("too many", "echo", shell_params(&["a", "b"]), invalid, "takes 1 parameter in shell_params, got 2"),
        ("no params", "echo", None, invalid, "params must be"),
        ("another key", "echo", params(vec![("args", list(vec![]))]), invalid, "params must be"),
        (
            "a key too many",
            "echo",
            params(vec![(PARAMETERS, list(vec![string("a")])), ("x", string("b"))]),
            invalid,
            "params must be",
        ),
        ("a plain text", "echo", params(vec![(PARAMETERS, string("abc"))]), invalid, "params must be"),
        (
            "a list in the list",
            "echo",
            params(vec![(PARAMETERS, list(vec![list(vec![])]))]),
            invalid,
            "params must be",
        ),
        ("an open quotation", "echo", shell_params(&["it's"]), invalid, "a quotation mark is never closed"),
        ("a malformed command", "broken", shell_params(&["a"]), invalid, "malformed"),
        ("a missing program", "missing", None, Code::FailedPrecondition, "cannot run /nonexistent/program"),
        ("an empty command", "empty", None, Code::FailedPrecondition, "empty"),
    ] {
        let status = gateway().run(command, params).await.expect_err(name);
        assert_eq!(status.code(), code, "{name}: {status}");
        assert!(status.message().contains(words), "{name}: {status}");
    }
    let status =
        commands(&[], Duration::from_secs(1)).run("echo", None).await.expect_err("nothing configured");
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn the_time_limit_kills_the_command_and_what_it_started() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let script = format!("-c 'sleep 1000 & echo $! > {}; wait'", pid.display());
    // A busy machine may not have begun with it after the first of these limits.
    for (limit, told) in [(Duration::from_millis(500), "0.5"), (Duration::from_secs(60), "60")] {
        let gateway = commands(&[("bash", "/bin/sh {}", true)], limit);
        let status = gateway.run("bash", shell_params(&[&script])).await.expect_err("killed");
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(status.message(), format!("/bin/sh did not end within {told} s and was killed"));
        if fs::read_to_string(&pid).is_ok_and(|pid| pid.ends_with('\n')) {
            break;
        }
    }
    ended(fs::read_to_string(pid).expect("pid").trim().parse().expect("a number")).await;
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_the_command_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let script = format!("-c 'echo $$ > {0}.new; mv {0}.new {0}; sleep 1000'", pid.display());
    let running = tokio::spawn(async move { gateway().run("bash", shell_params(&[&script])).await });
    while !pid.exists() {
        tokio::task::yield_now().await;
    }
    running.abort();
    ended(fs::read_to_string(pid).expect("pid").trim().parse().expect("a number")).await;
}

#[tokio::test]
async fn commands_wait_for_their_turn_and_too_many_are_refused() {
    let gateway = Arc::new(commands(&[("sleep", "sleep 1000", false)], Duration::from_secs(30)));
    let mut held = tokio::task::JoinSet::new();
    for _ in 0..COMMANDS_HELD {
        let gateway = Arc::clone(&gateway);
        held.spawn(async move { gateway.run("sleep", None).await });
    }
    while gateway.places.available_permits() > 0 || gateway.turns.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(held.try_join_next().is_none(), "those that wait are not refused");
    let status = gateway.run("sleep", None).await.expect_err("full");
    assert_eq!(status.code(), Code::ResourceExhausted);
    held.shutdown().await;
    assert_eq!(gateway.turns.available_permits(), COMMANDS_AT_ONCE);
    assert_eq!(gateway.places.available_permits(), COMMANDS_HELD);
}

#[tokio::test]
async fn a_command_that_waited_is_run() {
    let gateway = Arc::new(commands(&[("echo", "echo {}", true)], Duration::from_secs(30)));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..COMMANDS_HELD {
        let gateway = Arc::clone(&gateway);
        running.spawn(async move { gateway.run("echo", shell_params(&["late"])).await });
    }
    while let Some(ended) = running.join_next().await {
        let response = ended.expect("no panic").expect("an answer");
        assert_eq!(response.fields["stdout"].kind, Some(Kind::StringValue("late\n".to_owned())));
    }
}

#[test]
fn identities_are_masked_in_the_log() {
    for (text, expected) in [
        ("uptime", "uptime"),
        ("get IMSI001010123456789 now", "get IMSI…6789 now"),
        ("port 50052, time 1700000000", "port 50052, time 1700000000"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("001010123456789", "…6789"),
    ] {
        assert_eq!(masked(text), expected);
    }
}
