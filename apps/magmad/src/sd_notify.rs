//! Tells systemd how the agent is (`sd_notify(3)`): ready, what it does, alive, stopping.
//!
//! systemd restarts a program that does not say `WATCHDOG=1` in time (`WatchdogSec=`). It is said only while the loops
//! that keep the certificate and check in come round; since one thread runs everything, a thread that is stuck says
//! nothing either. Without `NOTIFY_SOCKET` none of this runs.
//!
//! Deviation: Magma's agent says READY with every sign of life, and its units have no `WatchdogSec`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::events::{Event, Step};
use crate::progress::Progress;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// How often a sign of life is given when systemd does not ask for more. Magma's interval.
const INTERVAL: Duration = Duration::from_secs(30);

/// The agent counts as ready after this long even if its own gRPC services cannot be reached: it works without them,
/// and systemd waits 90 s.
const READY_AFTER: Duration = Duration::from_secs(30);

/// How much of an error goes into the status line, in bytes.
const STATUS_BYTES_MAX: usize = 200;

/// What systemd set in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    socket: OsString,
    interval: Duration,
}

impl Settings {
    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from what `variable` gives for them; none when systemd
    /// does not listen.
    pub fn given(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let socket = variable("NOTIFY_SOCKET").filter(|socket| !socket.is_empty())?;
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let asked = number("WATCHDOG_USEC").filter(|micros| ours && *micros > 0).map(Duration::from_micros);
        let interval = asked.map_or(INTERVAL, |asked| INTERVAL.min(asked / 2));
        Some(Self { socket, interval })
    }

    /// How often a sign of life is given: every 30 s, or twice in the time that systemd waits.
    pub fn interval(&self) -> Duration {
        self.interval
    }
}

/// The task that tells systemd.
pub struct Notifier {
    settings: Settings,
    progress: Progress,
    events: broadcast::Receiver<Event>,
    status: String,
}

impl Notifier {
    /// Tells systemd at the socket of `settings` what `events` and `progress` show.
    pub fn new(settings: Settings, progress: Progress, events: broadcast::Receiver<Event>) -> Self {
        Self { settings, progress, events, status: "starting".to_owned() }
    }
}

impl Task for Notifier {
    async fn run(&mut self, mut shutdown: Shutdown) -> Result<()> {
        let socket = open(&self.settings.socket).with_context(|| {
            format!("cannot tell systemd how the agent is: NOTIFY_SOCKET={:?}", self.settings.socket)
        })?;
        let ready_by = Instant::now() + READY_AFTER;
        let (mut ready, mut hanging) = (false, None);
        let mut ticks = interval(self.settings.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.wait() => {
                    say(&socket, "STOPPING=1\nSTATUS=stopping");
                    return Ok(());
                }
                () = tokio::time::sleep_until(ready_by), if !ready => {
                    ready = true;
                    say(&socket, "READY=1");
                }
                event = self.events.recv() => match event {
                    Ok(Event::Serving { .. }) if !ready => {
                        ready = true;
                        say(&socket, "READY=1");
                    }
                    Ok(event) => self.note(&socket, &event),
                    Err(RecvError::Lagged(_)) => {}
                    // The agent holds a sender; without one, it is ending.
                    Err(RecvError::Closed) => shutdown.wait().await,
                },
                _ = ticks.tick() => {
                    let late = self.progress.late();
                    if let Some(name) = late.filter(|_| hanging != late) {
                        tracing::error!("{name} hangs: systemd gets no sign of life, and restarts magmad if it is to");
                        say(&socket, &format!("STATUS={name} hangs"));
                    }
                    hanging = late;
                    if hanging.is_none() {
                        say(&socket, "WATCHDOG=1");
                    }
                }
            }
        }
    }
}

impl Notifier {
    /// Changes the status line that `systemctl status` shows.
    fn note(&mut self, socket: &UnixDatagram, event: &Event) {
        let status = match event {
            Event::CheckedIn { .. } => "checked in with the cloud".to_owned(),
            Event::Bootstrapped { .. } => "got a new certificate".to_owned(),
            Event::Failed { step: Step::CheckIn, message, .. } => format!("check-in fails: {message}"),
            Event::Failed { step: Step::Bootstrap, message, .. } => format!("no certificate: {message}"),
            _ => return,
        };
        if status != self.status {
            let line = status.replace(['\n', '\r'], " ");
            say(socket, &format!("STATUS={}", &line[..line.floor_char_boundary(STATUS_BYTES_MAX)]));
            self.status = status;
        }
    }
}

/// A path, or an abstract name that is written with `@` at its beginning.
fn open(socket: &OsStr) -> io::Result<UnixDatagram> {
    let address = match socket.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    let datagrams = UnixDatagram::unbound()?;
    datagrams.connect_addr(&address)?;
    datagrams.set_nonblocking(true)?;
    Ok(datagrams)
}

/// What systemd does not take now is not worth waiting for: the next sign of life follows.
fn say(socket: &UnixDatagram, words: &str) {
    if let Err(error) = socket.send(words.as_bytes()) {
        tracing::debug!("systemd did not take {words:?}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Events;

    fn settings(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::given(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_interval_is_half_of_what_systemd_waits_but_no_longer_than_magmas() {
        let own = std::process::id().to_string();
        for (variables, expected) in [
            (&[][..], None),
            (&[("NOTIFY_SOCKET", "")], None),
            (&[("NOTIFY_SOCKET", "/a")], Some(30_000)),
            (&[("NOTIFY_SOCKET", "/a"), ("WATCHDOG_USEC", "20000000")], Some(10_000)),
            (&[("NOTIFY_SOCKET", "/a"), ("WATCHDOG_USEC", "300000000")], Some(30_000)),
            (&[("NOTIFY_SOCKET", "/a"), ("WATCHDOG_USEC", "x")], Some(30_000)),
            (&[("NOTIFY_SOCKET", "/a"), ("WATCHDOG_USEC", "2000000"), ("WATCHDOG_PID", "1")], Some(30_000)),
            (&[("NOTIFY_SOCKET", "/a"), ("WATCHDOG_USEC", "2000000"), ("WATCHDOG_PID", &own)], Some(1_000)),
        ] {
            let interval = settings(variables).map(|settings| settings.interval().as_millis());
            assert_eq!(interval, expected, "{variables:?}");
        }
    }

    /// An agent whose words to systemd are heard on `socket`.
    struct Bench {
        heard: tokio::net::UnixDatagram,
        events: Events,
        progress: Progress,
        trigger: crate::shutdown::Trigger,
        running: tokio::task::JoinHandle<Result<()>>,
    }

    fn bench(heard: UnixDatagram, socket: &str) -> Bench {
        heard.set_nonblocking(true).expect("nonblocking");
        let heard = tokio::net::UnixDatagram::from_std(heard).expect("a socket");
        let (events, progress) = (Events::new(), Progress::default());
        let settings = settings(&[("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "100000")]).expect("systemd");
        let mut notifier = Notifier::new(settings, progress.clone(), events.subscribe());
        let (trigger, shutdown) = Shutdown::new();
        let running = tokio::spawn(async move { notifier.run(shutdown).await });
        Bench { heard, events, progress, trigger, running }
    }

    impl Bench {
        async fn next(&self) -> String {
            let mut words = [0; 512];
            let receiving = self.heard.recv(&mut words);
            let length = tokio::time::timeout(Duration::from_secs(120), receiving).await;
            String::from_utf8(words[..length.expect("in time").expect("words")].to_vec()).expect("text")
        }

        /// The next words that are no sign of life.
        async fn news(&self) -> String {
            loop {
                let words = self.next().await;
                if words != "WATCHDOG=1" {
                    return words;
                }
            }
        }
    }

    fn failed(message: &str) -> Event {
        Event::Failed { step: Step::CheckIn, message: message.to_owned(), retry_in: None }
    }

    #[tokio::test]
    async fn ready_status_and_the_end_are_told_in_their_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let bench = bench(UnixDatagram::bind(&path).expect("a socket"), &path.display().to_string());
        assert_eq!(bench.next().await, "WATCHDOG=1");
        bench.events.emit(Event::Serving { address: ([127, 0, 0, 1], 1).into() });
        assert_eq!(bench.news().await, "READY=1");
        bench.events.emit(Event::CheckedIn { states: 1 });
        bench.events.emit(Event::CheckedIn { states: 1 });
        bench.events.emit(failed("no\nroute"));
        assert_eq!(bench.news().await, "STATUS=checked in with the cloud");
        assert_eq!(bench.news().await, "STATUS=check-in fails: no route", "the same is not told twice");
        bench.trigger.fire();
        assert_eq!(bench.news().await, "STOPPING=1\nSTATUS=stopping");
        bench.running.await.expect("no panic").expect("a good end");
    }

    #[tokio::test]
    async fn who_hangs_gives_no_sign_of_life_until_it_goes_on() {
        let name = format!("@magmad-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name.as_bytes()[1..]).expect("a name");
        let bench = bench(UnixDatagram::bind_addr(&address).expect("a socket"), &name);
        assert_eq!(bench.next().await, "WATCHDOG=1");
        bench.progress.promise("check-in", Duration::ZERO);
        assert_eq!(bench.news().await, "STATUS=check-in hangs");
        bench.events.emit(Event::CheckedIn { states: 1 });
        let silence = bench.next().await;
        assert_eq!(silence, "STATUS=checked in with the cloud", "no sign of life in between");
        bench.progress.promise("check-in", Duration::from_secs(3600));
        assert_eq!(bench.next().await, "WATCHDOG=1");
    }

    #[tokio::test]
    async fn a_socket_that_is_not_there_is_named() {
        let (_trigger, shutdown) = Shutdown::new();
        let settings = settings(&[("NOTIFY_SOCKET", "/nonexistent/notify")]).expect("systemd");
        let mut notifier = Notifier::new(settings, Progress::default(), Events::new().subscribe());
        let error = notifier.run(shutdown).await.expect_err("nobody listens");
        assert!(error.to_string().contains("NOTIFY_SOCKET=\"/nonexistent/notify\""), "{error}");
    }
}
