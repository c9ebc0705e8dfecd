//! The program itself: what it prints, and that it stops when it is told to.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixDatagram;
use tokio::process::Command;
use tokio::time::timeout;

use crate::edge::{DOMAIN, LIMIT};

pub const ORC8R: &str = env!("CARGO_BIN_EXE_orc8r");

pub fn serve(data: &std::path::Path) -> Command {
    let mut command = Command::new(ORC8R);
    command.args(["serve", "--domain", DOMAIN, "--data-dir"]).arg(data);
    for door in ["gateways", "bootstrap", "rest", "logs"] {
        command.args([format!("--listen-{door}"), "127.0.0.1:0".to_owned()]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn it_says_where_everything_is_and_stops_on_a_signal() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().unwrap();
        let mut child = serve(data.path()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut text = String::new();
        while !text.contains("keep its key safe") {
            let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap();
            text += &line.unwrap_or_else(|| panic!("the output ended: {text}"));
            text.push('\n');
        }
        for file in
            ["rootCA.pem", "certifier.pem", "controller.crt", "admin_operator.pem", "admin_operator.key.pem"]
        {
            let path = data.path().join("certs").join(file);
            assert!(path.exists() && text.contains(path.to_str().unwrap()), "{file} in\n{text}");
        }
        let id = child.id().unwrap().to_string();
        let killed = Command::new("kill").args(["-s", signal, &id]).status().await.unwrap();
        assert!(killed.success());
        let status = timeout(LIMIT, child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{signal}: {status}");
    }
}

/// What a start prints, until it serves: its output and its log.
async fn start_and_stop(data: &std::path::Path) -> (String, String) {
    let mut child = serve(data).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut text = String::new();
    while !text.contains("\n  store ") {
        let line = timeout(LIMIT, lines.next_line()).await.unwrap().unwrap();
        text += &line.unwrap_or_else(|| panic!("the output ended: {text}"));
        text.push('\n');
    }
    child.start_kill().unwrap();
    let output = timeout(LIMIT, child.wait_with_output()).await.unwrap().unwrap();
    (text, String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn it_says_where_its_store_is_and_warns_when_that_was_lost() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("orc8r.db");
    let store_line =
        |suffix: &str| format!("\n  store                           {}{suffix}\n", file.display());
    for (start, line, warned) in [
        ("the first", store_line("  (new)"), false),
        ("the next", store_line(""), false),
        ("without its store", store_line("  (new)"), true),
        ("after that", store_line(""), false),
    ] {
        if warned {
            for name in ["orc8r.db", "orc8r.db-wal", "orc8r.db-shm"] {
                let _ = std::fs::remove_file(data.path().join(name));
            }
        }
        let (text, log) = start_and_stop(data.path()).await;
        assert!(text.contains(&line), "{start}: {text}");
        let lost =
            log.lines().any(|line| line.contains("WARN") && line.contains("restore the backup of the store"));
        assert_eq!(lost, warned, "{start}: {log}");
    }
}

#[tokio::test]
async fn it_warns_of_an_administrators_key_that_cannot_be_used() {
    let data = tempfile::tempdir().unwrap();
    let certs = data.path().join("certs");
    let key = certs.join("admin_operator.key.pem");
    let warning = |log: &str| log.contains("the administrator's key in the data folder cannot be used");
    let (text, log) = start_and_stop(data.path()).await;
    assert!(!text.contains("NOT USABLE") && !warning(&log), "{text}{log}");
    let good = std::fs::read(&key).unwrap();
    let other = std::fs::read(certs.join("controller.key")).unwrap();
    for (name, contents, usable) in [
        ("another's", Some(other), false),
        ("no key", Some(b"nothing".to_vec()), false),
        ("missing", None, false),
        ("its own", Some(good), true),
    ] {
        match contents {
            Some(contents) => std::fs::write(&key, contents).unwrap(),
            None => std::fs::remove_file(&key).unwrap(),
        }
        let (text, log) = start_and_stop(data.path()).await;
        let line = format!("{}  (NOT USABLE: see the log)\n", key.display());
        assert_eq!((text.contains(&line), warning(&log)), (!usable, !usable), "{name}: {text}{log}");
    }
}

#[tokio::test]
async fn it_serves_although_nobody_reads_what_it_says() {
    let data = tempfile::tempdir().unwrap();
    let socket = data.path().join("notify");
    let systemd = UnixDatagram::bind(&socket).unwrap();
    let mut child = serve(data.path()).env("NOTIFY_SOCKET", &socket).spawn().unwrap();
    drop(child.stdout.take());
    let mut told = [0; 64];
    let length = timeout(LIMIT, systemd.recv(&mut told)).await.expect("it serves").unwrap();
    assert_eq!(&told[..length], b"READY=1");
    child.kill().await.unwrap();
}

#[tokio::test]
async fn a_folder_is_served_by_one_program_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let mut first = serve(data.path()).spawn().unwrap();
    let mut lines = BufReader::new(first.stdout.take().unwrap()).lines();
    timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    let second = timeout(LIMIT, serve(data.path()).output()).await.unwrap().unwrap();
    assert!(!second.status.success());
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains("another orc8r serves it"), "{text}");
    first.kill().await.unwrap();
}

#[tokio::test]
async fn it_takes_as_many_connections_as_the_system_allows() {
    let data = tempfile::tempdir().unwrap();
    let inner = serve(data.path());
    // The shell lowers its own limit, and becomes the program.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 256; exec \"$0\" \"$@\"", ORC8R]).args(inner.as_std().get_args());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    timeout(LIMIT, lines.next_line()).await.unwrap().unwrap().unwrap();
    let Ok(limits) = std::fs::read_to_string(format!("/proc/{}/limits", child.id().unwrap())) else {
        println!("skipped: no /proc here");
        return;
    };
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let [soft, hard] = files.split_whitespace().take(2).collect::<Vec<_>>()[..] else { panic!("{files}") };
    assert_eq!(soft, hard);
}

#[tokio::test]
async fn wrong_arguments_are_explained() {
    for (arguments, code, expected) in [
        (&["serve"][..], 2, "--domain"),
        (&["serve", "--domain", "no domain", "--data-dir", "/nonexistent/x"], 1, "is not a domain name"),
        (&["certs", "list", "--data-dir", "/nonexistent/x"], 1, "--data-dir"),
        (&["--version"], 0, "orc8r"),
    ] {
        let output = Command::new(ORC8R).args(arguments).output().await.unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}
