//! Tells systemd how it goes (`sd_notify(3)`): ready, alive, stopping. Without `NOTIFY_SOCKET` nothing is told.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

/// How often a sign of life is given when systemd does not ask for more.
const INTERVAL: Duration = Duration::from_secs(30);

/// Whoever started this program and wants to know.
pub(crate) struct Systemd {
    socket: Option<UnixDatagram>,
    interval: Duration,
}

impl Systemd {
    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from what `variable` gives for them.
    pub(crate) fn given(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let socket = variable("NOTIFY_SOCKET").filter(|socket| !socket.is_empty());
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        let ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
        let asked = number("WATCHDOG_USEC").filter(|micros| ours && *micros > 0).map(Duration::from_micros);
        let socket = socket.and_then(|name| {
            let opened = open(&name);
            opened.inspect_err(|error| tracing::warn!(%error, ?name, "cannot tell systemd how it goes")).ok()
        });
        Self { socket, interval: asked.map_or(INTERVAL, |asked| INTERVAL.min(asked / 2)) }
    }

    /// What systemd does not take now is not worth waiting for: the next sign of life follows.
    pub(crate) fn say(&self, words: &str) {
        if let Some(Err(error)) = self.socket.as_ref().map(|socket| socket.send(words.as_bytes())) {
            tracing::debug!(%error, words, "systemd did not take this");
        }
    }

    /// Gives signs of life for ever: tasks still get their turns.
    pub(crate) async fn stay_alive(&self) {
        let mut ticks = interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.say("WATCHDOG=1");
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn signs_of_life_come_twice_as_often_as_systemd_asks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let heard = UnixDatagram::bind(&path).unwrap();
        heard.set_nonblocking(true).unwrap();
        let systemd = |micros: &str| {
            let (path, micros) = (path.clone(), micros.to_owned());
            Systemd::given(move |name| match name {
                "NOTIFY_SOCKET" => Some(path.clone().into()),
                "WATCHDOG_USEC" => Some(OsString::from(&micros)),
                _ => None,
            })
        };
        assert_eq!(systemd("300000000").interval, INTERVAL);
        let told = systemd("2000000");
        assert_eq!(told.interval, Duration::from_secs(1));
        let _ = tokio::time::timeout(Duration::from_millis(2500), told.stay_alive()).await;
        let mut words = [0; 64];
        let count = std::iter::from_fn(|| heard.recv(&mut words).ok()).count();
        assert_eq!(count, 3);
        let nobody = Systemd::given(|_| None);
        nobody.say("READY=1");
        assert!(nobody.socket.is_none());
    }
}
