//! Docker's side is a socket on which a few lines of HTTP/1.1 are spoken.

use super::*;
use crate::services::ServiceController;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

/// Answers requests by `answer`, and tells each request's first line.
struct FakeDocker {
    folder: TempDir,
    requests: mpsc::UnboundedReceiver<String>,
}

enum Answer {
    Whole(u16, &'static str),
    /// A log that stays open.
    Log(Vec<u8>),
    Silence,
}

impl FakeDocker {
    fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join("docker.sock")).expect("a socket");
        let (told, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let answer = std::sync::Arc::new(answer);
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, std::sync::Arc::clone(&answer), told.clone()));
            }
        });
        Self { folder, requests }
    }

    fn controller(&self) -> ServiceController {
        let services = ["mme", "sessiond"].map(str::to_owned).to_vec();
        ServiceController::Docker(Docker::with_socket(&self.folder.path().join("docker.sock"), services))
    }
}

async fn converse(
    mut stream: UnixStream,
    answer: std::sync::Arc<impl Fn(&str) -> Answer>,
    told: mpsc::UnboundedSender<String>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).expect("text");
    let line = head.lines().next().expect("a line").trim_end_matches(" HTTP/1.1").to_owned();
    let bytes = match answer(&line) {
        Answer::Whole(status, body) => {
            format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes()
        }
        Answer::Log(log) => {
            let begin = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", log.len());
            [begin.as_bytes(), &log, b"\r\n"].concat()
        }
        Answer::Silence => Vec::new(),
    };
    told.send(line).ok();
    stream.write_all(&bytes).await.ok();
    // Until the client goes away.
    stream.read_u8().await.ok();
    told.send("gone".to_owned()).ok();
}

const RUNNING: &str = r#"{"Id":"x","State":{"Status":"running","Running":true},"Config":{"Tty":false}}"#;

fn frame(stream: u8, text: &str) -> Vec<u8> {
    [&[stream, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
}

#[tokio::test]
async fn commands_are_posts_and_what_is_so_already_is_no_error() {
    let mut docker = FakeDocker::start(|line| match line.contains("start") && !line.contains("restart") {
        true => Answer::Whole(304, ""),
        false => Answer::Whole(204, ""),
    });
    let services = docker.controller();
    services.start("mme").await.expect("started");
    services.stop("mme").await.expect("stopped");
    services.restart("td/agent").await.expect("restarted");
    let mut requests = Vec::new();
    while requests.len() < 3 {
        requests.extend(docker.requests.recv().await.filter(|line| line != "gone"));
    }
    assert_eq!(
        requests,
        [
            "POST /containers/mme/start",
            "POST /containers/mme/stop?t=10",
            "POST /containers/td%2Fagent/restart?t=10",
        ]
    );
}

#[tokio::test]
async fn a_refusal_tells_what_docker_says() {
    let docker = FakeDocker::start(|_| Answer::Whole(404, r#"{"message":"No such container: dnsd"}"#));
    let services = docker.controller();
    let error = services.restart("dnsd").await.expect_err("refused");
    assert_eq!(error.to_string(), "cannot restart dnsd: docker says no (404): No such container: dnsd");
    assert_eq!(services.state("dnsd").await, ServiceState::Unknown);
}

#[tokio::test]
async fn states_are_dockers_words() {
    for (body, expected) in [
        (RUNNING, ServiceState::Active),
        (r#"{"State":{"Status":"created"},"Config":{}}"#, ServiceState::Inactive),
        (r#"{"State":{"Status":"paused"},"Config":{}}"#, ServiceState::Inactive),
        (r#"{"State":{"Status":"exited"},"Config":{}}"#, ServiceState::Inactive),
        (r#"{"State":{"Status":"restarting"},"Config":{}}"#, ServiceState::Activating),
        (r#"{"State":{"Status":"removing"},"Config":{}}"#, ServiceState::Deactivating),
        (r#"{"State":{"Status":"dead"},"Config":{}}"#, ServiceState::Failed),
        (r#"{"State":{"Status":"new word"},"Config":{}}"#, ServiceState::Unknown),
        ("not JSON", ServiceState::Error),
    ] {
        let docker = FakeDocker::start(move |_| Answer::Whole(200, body));
        assert_eq!(docker.controller().state("mme").await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_missing_docker_is_named_by_its_socket() {
    let services =
        ServiceController::Docker(Docker::with_socket(Path::new("/nonexistent/docker.sock"), vec![]));
    let error = services.start("mme").await.expect_err("no docker").to_string();
    assert!(
        error.starts_with("cannot start mme: docker does not answer on /nonexistent/docker.sock"),
        "{error}"
    );
    assert_eq!(services.state("mme").await, ServiceState::Error);
}

#[tokio::test]
async fn a_log_is_followed_and_let_go() {
    let mut docker = FakeDocker::start(|line| match line.ends_with("/json") {
        true => Answer::Whole(200, RUNNING),
        false => Answer::Log([frame(1, "out\n"), frame(2, "err\n")].concat()),
    });
    let mut log = docker.controller().tail_logs(LogSource::Service("mme".to_owned()));
    for expected in ["out\n", "err\n"] {
        assert_eq!(log.next().await.expect("a line").expect("no error"), expected);
    }
    drop(log);
    let mut seen = Vec::new();
    while seen.iter().filter(|line| *line == "gone").count() < 2 {
        seen.push(docker.requests.recv().await.expect("two requests, both let go"));
    }
    assert!(seen.contains(&"GET /containers/mme/logs?follow=1&stdout=1&stderr=1&tail=100".to_owned()));
}

#[tokio::test]
async fn the_gateways_log_is_all_services_with_their_names() {
    let next = async |log: &mut LogLines| log.next().await.expect("a line").expect("no error");
    let docker = FakeDocker::start(|line| match line {
        line if line.ends_with("/json") => Answer::Whole(200, RUNNING),
        _ => Answer::Log(frame(1, "hello\n")),
    });
    let mut log = docker.controller().tail_logs(LogSource::System);
    let mut both = [next(&mut log).await, next(&mut log).await];
    both.sort();
    assert_eq!(both, ["mme: hello\n", "sessiond: hello\n"]);

    let docker = FakeDocker::start(|line| match line {
        line if line.contains("sessiond") => Answer::Whole(404, r#"{"message":"No such container"}"#),
        line if line.ends_with("/json") => Answer::Whole(200, RUNNING),
        _ => Answer::Log(frame(1, "hello\n")),
    });
    let mut log = docker.controller().tail_logs(LogSource::System);
    assert_eq!(next(&mut log).await, "mme: hello\n", "one without a log is left out");
}

#[tokio::test]
async fn no_log_at_all_is_an_error() {
    let docker = FakeDocker::start(|_| Answer::Whole(404, r#"{"message":"No such container"}"#));
    let mut log = docker.controller().tail_logs(LogSource::System);
    assert!(log.next().await.expect("an item").is_err());
    assert!(log.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_docker_that_says_nothing_is_given_up() {
    let docker = FakeDocker::start(|_| Answer::Silence);
    let error = docker.controller().stop("mme").await.expect_err("silence").to_string();
    assert!(error.ends_with("no answer within 120 s"), "{error}");
}
