//! What is logged, what is not, and how a line looks.

use std::net::UdpSocket;

use super::*;

/// A log whose lines arrive at a socket, as a syslog server would get them.
fn log(level: LevelFilter) -> (Lines, Arc<Threshold>, Counter, UdpSocket) {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let to = Destination::parse(&format!("syslog=udp::{}", server.local_addr().unwrap())).unwrap();
    let (threshold, errors) = (Arc::new(Threshold::new(level)), Counter::default());
    (Lines::new(threshold.clone(), errors.clone(), to, LogCopy::default()), threshold, errors, server)
}

/// The lines that came, without syslog's head and the time.
fn lines(server: &UdpSocket) -> Vec<String> {
    let mut buffer = [0; 4096];
    let mut found = Vec::new();
    while let Ok(length) = server.recv(&mut buffer) {
        let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
        let (_, line) = text.split_once("Z ").unwrap();
        found.push(line.trim_start().to_owned());
    }
    found
}

#[test]
fn errors_are_given_to_who_watches_and_nobody_waits_for_him() {
    let (log, ..) = log(LevelFilter::INFO);
    let (watcher, mut errors) = tokio::sync::mpsc::channel(1);
    let watch = ErrorWatch::default();
    let missed = Arc::<std::sync::atomic::AtomicU64>::default();
    watch.set((watcher, missed.clone())).ok();
    tracing::subscriber::with_default(log.telling(watch), || {
        tracing::warn!("no error");
        tracing::error!(service = "mme", "one");
        tracing::error!("too much at once");
    });
    let error = errors.try_recv().unwrap();
    assert_eq!((error.message.as_str(), error.module), ("one service=\"mme\"", module_path!()));
    assert!(error.place.0.ends_with("tests.rs") && errors.try_recv().is_err());
    assert_eq!(missed.load(Ordering::Relaxed), 1);
}

#[test]
fn only_errors_are_counted() {
    let (log, _, errors, _server) = log(LevelFilter::INFO);
    tracing::subscriber::with_default(log, || {
        tracing::warn!("no error");
        tracing::error!("one");
        tracing::error!("two");
    });
    tracing::error!("elsewhere");
    assert_eq!(errors.value(), 2);
}

#[test]
fn a_line_has_the_message_and_its_fields() {
    let (log, _, _, server) = log(LevelFilter::INFO);
    tracing::subscriber::with_default(log, || {
        let (error, service) = ("it is \"gone\"", "mme");
        tracing::warn!(%error, service, attempts = 3, rest = ?Some(1), "cannot restart {}", "it");
        tracing::info!("plain");
    });
    assert_eq!(
        lines(&server),
        ["WARN cannot restart it error=it is \"gone\" service=\"mme\" attempts=3 rest=Some(1)", "INFO plain"]
    );
}

#[test]
fn nobody_can_write_a_line_of_his_own() {
    let (log, _, _, server) = log(LevelFilter::INFO);
    tracing::subscriber::with_default(log, || {
        let name = "x\n2026-11-22T00:00:00Z ERROR forged\u{1b}[31m";
        tracing::info!(%name, "a {name}");
    });
    let line = "INFO a x\\n2026-11-22T00:00:00Z ERROR forged\\u{1b}[31m \
                name=x\\n2026-11-22T00:00:00Z ERROR forged\\u{1b}[31m";
    assert_eq!(lines(&server), [line]);
}

#[test]
fn the_level_changes_while_the_program_runs() {
    let (log, threshold, _, server) = log(LevelFilter::WARN);
    tracing::subscriber::with_default(log, || {
        for (level, expected) in [
            (LevelFilter::WARN, vec!["ERROR e", "WARN w"]),
            (LevelFilter::DEBUG, vec!["ERROR e", "WARN w", "INFO i", "DEBUG d"]),
            (LevelFilter::ERROR, vec!["ERROR e"]),
            (LevelFilter::OFF, vec![]),
            (LevelFilter::TRACE, vec!["ERROR e", "WARN w", "INFO i", "DEBUG d", "TRACE t"]),
        ] {
            threshold.set(level);
            tracing::error!("e");
            tracing::warn!("w");
            tracing::info!("i");
            tracing::debug!("d");
            tracing::trace!("t");
            assert_eq!(lines(&server), expected, "{level}");
        }
    });
}

#[test]
fn no_level_hides_an_audit_line() {
    for level in [LevelFilter::OFF, LevelFilter::ERROR, LevelFilter::WARN, LevelFilter::DEBUG] {
        let (log, _, _, server) = log(level);
        tracing::subscriber::with_default(log, || {
            audit::Action::of_cloud("magmad", "/magma.orc8r.Magmad/Reboot", 5).ended("done");
            tracing::trace!("no audit line");
        });
        let lines = lines(&server);
        let [line] = lines.as_slice() else { panic!("{level}: {lines:?}") };
        assert!(line.starts_with("INFO audit: a remote action from=\"cloud\" service=\"magmad\""), "{line}");
    }
}

#[test]
fn a_line_of_an_embedded_service_begins_with_its_name() {
    let (log, _, _, server) = log(LevelFilter::INFO);
    tracing::subscriber::with_default(log, || {
        tracing::warn!(target: "magma_fluent::output", "the cloud does not answer");
        tracing::info!(target: "magmad::satellites::ctraced", trace = "t", "ended");
        tracing::info!("the agent itself");
    });
    let expected = [
        "WARN td-agent-bit: the cloud does not answer",
        "INFO ctraced: ended trace=\"t\"",
        "INFO the agent itself",
    ];
    assert_eq!(lines(&server), expected);
}

#[test]
fn spans_are_no_lines() {
    let (log, _, _, server) = log(LevelFilter::TRACE);
    tracing::subscriber::with_default(log, || {
        tracing::info_span!("around", x = 1).in_scope(|| tracing::info!("inside"));
    });
    assert_eq!(lines(&server), ["INFO inside"]);
}

#[test]
fn times_are_in_utc_with_microseconds() {
    for (micros, expected) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (951_782_399_999_999, "2000-02-28T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (951_868_800_000_001, "2000-03-01T00:00:00.000001Z"),
        (1_795_317_429_123_456, "2026-11-22T03:17:09.123456Z"),
        (1_798_761_599_000_000, "2026-12-31T23:59:59.000000Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
    ] {
        let mut text = String::new();
        timestamp(&mut text, UNIX_EPOCH + Duration::from_micros(micros));
        assert_eq!(text, expected);
    }
}

#[tokio::test]
async fn each_line_can_be_followed_like_a_services_log() {
    let (lines, _, _, _server) = log(LevelFilter::INFO);
    let times = crate::services::Supervision::default();
    let supervisor =
        crate::services::ProcessSupervisor::new(Default::default(), "/nonexistent".into(), Vec::new(), times);
    lines.copy.set(supervisor.own_log()).expect("the first");
    tracing::subscriber::with_default(lines, || tracing::warn!("for whoever follows"));
    let controller = crate::services::ServiceController::Process(supervisor);
    for (source, before) in [
        (crate::services::LogSource::Service("magmad".to_owned()), ""),
        (crate::services::LogSource::System, "magmad: "),
    ] {
        let mut log = controller.tail_logs(source);
        let line = log.next().await.expect("a line").expect("no error");
        assert!(line.starts_with(before) && line.ends_with("WARN for whoever follows\n"), "{line}");
    }
}
