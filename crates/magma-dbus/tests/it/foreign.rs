//! Against a real `dbus-daemon` and a systemd in Python.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use magma_dbus::{Connection, Job, Systemd, UnitError};
use tempfile::TempDir;

/// Generous: the machine may be loaded.
const LIMIT: Duration = Duration::from_secs(120);

/// A private bus, with or without systemd on it.
struct Bus {
    _folder: TempDir,
    socket: PathBuf,
    programs: Vec<Child>,
}

impl Drop for Bus {
    fn drop(&mut self) {
        for program in &mut self.programs {
            program.kill().ok();
            program.wait().ok();
        }
    }
}

impl Bus {
    /// None when `dbus-daemon` is not installed.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("bus");
        let address = format!("unix:path={}", socket.display());
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--session", "--nofork", "--print-address=1", "--address", &address]);
        let daemon = started(daemon, "unix:")?;
        Some(Self { _folder: folder, socket, programs: vec![daemon] })
    }

    fn with_systemd() -> Option<Self> {
        let mut bus = Self::start()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fake_systemd.py");
        let mut python = Command::new("python3");
        python.arg(script).arg(format!("unix:path={}", bus.socket.display()));
        bus.programs.push(started(python, "ready")?);
        Some(bus)
    }

    fn systemd(&self) -> Systemd {
        Systemd::on_bus(&self.socket)
    }
}

/// Starts a program and waits for the line that says that it is ready.
fn started(mut command: Command, sign: &str) -> Option<Child> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
    if line.starts_with(sign) {
        return Some(child);
    }
    child.kill().ok();
    child.wait().ok();
    None
}

macro_rules! or_skip {
    ($bus:expr) => {
        match $bus {
            Some(bus) => bus,
            None => {
                println!("skipped: dbus-daemon or Python's jeepney is not installed");
                return;
            }
        }
    };
}

#[tokio::test]
async fn units_are_started_stopped_and_restarted_and_their_state_is_seen() {
    let bus = or_skip!(Bus::with_systemd());
    let systemd = bus.systemd();
    for unit in ["magma@mme.service", "magma@quick.service"] {
        for (job, active, sub, runs) in [
            (Job::Start, "active", "running", true),
            (Job::Stop, "inactive", "dead", false),
            (Job::ReloadOrRestart, "active", "running", true),
        ] {
            systemd.run(job, unit, LIMIT).await.expect("done");
            let state = systemd.state(unit).await.expect("known");
            assert_eq!((state.load.as_str(), state.active.as_str()), ("loaded", active), "{job:?}");
            assert_eq!((state.sub.as_str(), state.main_status), (sub, Some(0)), "{job:?}");
            assert_eq!(state.main_pid.is_some(), runs, "{job:?}");
        }
    }
}

#[tokio::test]
async fn a_job_that_fails_says_how_the_unit_is() {
    let bus = or_skip!(Bus::with_systemd());
    let error = bus.systemd().run(Job::Start, "magma@broken.service", LIMIT).await.expect_err("failed");
    assert_eq!(
        error.to_string(),
        "magma@broken.service: the job ended as \"failed\", and it is failed (failed), exit status 3; \
         look at `journalctl -u magma@broken.service`"
    );
}

#[tokio::test]
async fn an_unknown_unit_is_refused_by_name() {
    let bus = or_skip!(Bus::with_systemd());
    let error = bus.systemd().run(Job::Start, "magma@absent.service", LIMIT).await.expect_err("refused");
    let text = error.to_string();
    assert!(text.contains("Unit magma@absent.service not found."), "{text}");
    assert!(text.contains("NoSuchUnit"), "{text}");
    let state = bus.systemd().state("magma@absent.service").await.expect("it can be asked about");
    assert_eq!((state.load.as_str(), state.main_pid), ("not-found", None));
}

#[tokio::test]
async fn a_job_that_never_ends_is_given_up() {
    let bus = or_skip!(Bus::with_systemd());
    let limit = Duration::from_secs(2);
    let error = bus.systemd().run(Job::Stop, "magma@stuck.service", limit).await.expect_err("late");
    assert!(matches!(error, UnitError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn twenty_orders_at_once_each_get_their_own_result() {
    let bus = or_skip!(Bus::with_systemd());
    let mut orders = tokio::task::JoinSet::new();
    for number in 0..20 {
        let systemd = bus.systemd();
        orders.spawn(async move {
            let unit = format!("magma@{}{number}.service", if number % 2 == 0 { "broken" } else { "good" });
            (number, systemd.run(Job::Start, &unit, LIMIT).await.is_ok())
        });
    }
    while let Some(ended) = orders.join_next().await {
        let (number, good) = ended.expect("no panic");
        assert_eq!(good, number % 2 == 1, "{number}");
    }
}

#[tokio::test]
async fn a_bus_without_systemd_is_told_from_none() {
    let bus = or_skip!(Bus::start());
    let error = bus.systemd().state("magma@mme.service").await.expect_err("nobody there");
    assert!(matches!(error, UnitError::Unreachable(_)), "{error}");
    assert!(error.to_string().contains("systemd is not on this bus"), "{error}");
    let mut connection = Connection::bus(&bus.socket).await.expect("a bus");
    assert_eq!(connection.name_owner("org.freedesktop.systemd1").await.expect("an answer"), "");
    let own = connection.name_owner("org.freedesktop.DBus").await.expect("an answer");
    assert_eq!(own, "org.freedesktop.DBus");
}
