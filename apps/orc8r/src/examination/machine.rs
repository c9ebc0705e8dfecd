//! The data folder, its disk, and the ports.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use magma_rpc::channel::{Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_ca::CertificateFiles;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::Finding;
use crate::data_folder::DataFolder;

const MIB: u64 = 1 << 20;
/// With less than this, the database stops soon.
const SPACE_MIN: u64 = 64 * MIB;
const SPACE_WARNING: u64 = 1024 * MIB;
const ASK_LIMIT: Duration = Duration::from_secs(10);

/// Whether the data folder is there, ours, and nobody else's.
pub(crate) fn folder(folder: &DataFolder) -> Finding {
    const STEP: &str = "data folder";
    let path = folder.path().display();
    let found = match std::fs::metadata(folder.path()) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let says = format!("{path} is not there");
            return Finding::fail(STEP, says, "name it with --data-dir; the first `orc8r serve` makes it");
        }
        Err(error) => return Finding::fail(STEP, format!("{path}: {error}"), "run this as orc8r's user"),
    };
    if folder.is_being_restored() {
        return Finding::fail(STEP, "a restore was interrupted", "start `orc8r serve`, which carries it out");
    }
    let probe = folder.path().join(".doctor");
    if let Err(error) = std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        return Finding::fail(
            STEP,
            format!("{path} cannot be written to: {error}"),
            "run this as orc8r's user, or mend the permissions",
        );
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let says = format!("{path} is open to others (mode {mode:o})");
        return Finding::warn(STEP, says, format!("chmod 700 {path}"));
    }
    let served = if folder.is_served() { "an Orchestrator serves it" } else { "nobody serves it now" };
    Finding::ok(STEP, format!("{path}: {served}"))
}

/// Whether the disk has room.
pub(crate) fn space(folder: &DataFolder) -> Finding {
    const STEP: &str = "disk";
    match rustix::fs::statvfs(folder.path()) {
        Ok(disk) => judge_space(disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Finding::fail(STEP, error.to_string(), "see the step of the data folder"),
    }
}

fn judge_space(free: u64) -> Finding {
    let says = format!("{} MiB are free", free / MIB);
    let next = "make room, or keep less (--metrics-megabytes, --logs-mib, --events-mib)";
    match free {
        ..SPACE_MIN => Finding::fail("disk", says, next),
        SPACE_MIN..SPACE_WARNING => Finding::warn("disk", says, next),
        SPACE_WARNING.. => Finding::ok("disk", says),
    }
}

/// Whether a port is free for us, or ours.
pub(crate) async fn door(step: &'static str, address: SocketAddr, is_served: bool) -> Finding {
    match (TcpListener::bind(address).await, is_served) {
        (Ok(_), false) => Finding::ok(step, format!("{address} is free")),
        (Ok(_), true) => Finding::warn(
            step,
            format!("the Orchestrator that runs does not listen on {address}"),
            "give doctor the --listen options that serve has",
        ),
        (Err(error), true) if error.kind() == ErrorKind::AddrInUse => {
            Finding::ok(step, format!("{address} is in use, by the Orchestrator that runs, it seems"))
        }
        (Err(error), _) if error.kind() == ErrorKind::AddrInUse => {
            Finding::fail(step, format!("another program has {address}"), "stop it, or choose another port")
        }
        (Err(error), _) => {
            Finding::fail(step, format!("{address}: {error}"), "choose another address or port")
        }
    }
}

/// What the Orchestrator that runs says of itself.
pub(crate) async fn readiness(files: &CertificateFiles, rest: SocketAddr) -> Finding {
    const STEP: &str = "readiness";
    match ask(files, rest).await {
        Ok((200, _)) => Finding::ok(STEP, "the Orchestrator that runs is ready"),
        Ok((_, text)) => Finding::fail(STEP, text.trim_end(), "see its log"),
        Err(error) => {
            let next =
                "see its log; if it listens elsewhere, give doctor the --listen options that serve has";
            Finding::fail(STEP, format!("it does not answer: {error}"), next)
        }
    }
}

async fn ask(files: &CertificateFiles, rest: SocketAddr) -> Result<(u16, String), String> {
    let domain = files.domain().map_err(|error| error.to_string())?;
    let root = std::fs::read(&files.root_certificate).map_err(|error| error.to_string())?;
    let trust = TrustAnchors::from_pem(&root).map_err(|error| error.to_string())?;
    let tls = ClientTls::new(&trust, None).map_err(|error| error.to_string())?;
    let host = match rest.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    let name = domain.controller();
    let endpoint = Endpoint {
        host: host.to_string(),
        port: rest.port(),
        server_name: name.clone(),
        transport: Transport::Tls(tls),
    };
    let channel = Connection::new(endpoint).channel(&name);
    let call = async {
        let answer = http_call::request(&channel, "GET", "/readyz", None).await?;
        let status = answer.status;
        answer.bytes().await.map(|bytes| (status, String::from_utf8_lossy(&bytes).into_owned()))
    };
    match timeout(ASK_LIMIT, call).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("nothing came within {} s", ASK_LIMIT.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn little_room_is_a_warning_and_less_is_a_failure() {
        for (free, verdict) in [
            (63 * MIB, Verdict::Fail),
            (64 * MIB, Verdict::Warn),
            (1023 * MIB, Verdict::Warn),
            (1024 * MIB, Verdict::Ok),
        ] {
            assert_eq!(judge_space(free).verdict, verdict);
        }
    }

    #[tokio::test]
    async fn a_port_is_free_or_ours_or_anothers() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let taken = listener.local_addr().unwrap();
        assert_eq!(door("x", taken, true).await.verdict, Verdict::Ok);
        assert_eq!(door("x", taken, false).await.verdict, Verdict::Fail);
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(door("x", any, false).await.verdict, Verdict::Ok);
        assert_eq!(door("x", any, true).await.verdict, Verdict::Warn);
    }
}
