//! Pings a host by the system's `ping`, where this program may not open ICMP sockets itself.

use std::path::Path;
use std::process::Command;

use magma_icmp::{PING_LIMIT, Pinged};

use crate::program::{self, ProgramError};

/// Runs `ping` and reads what it says.
///
/// # Errors
/// A sentence for the operator.
pub(super) async fn ping(program: &Path, host: &str, packets: u16) -> Result<Pinged, String> {
    let mut command = Command::new(program);
    let seconds = PING_LIMIT.as_secs().to_string();
    command.args(["-c", &packets.to_string(), "-w", &seconds, host]).env("LC_ALL", "C");
    let finished = program::run(command, PING_LIMIT + PING_LIMIT / 4).await.map_err(no_program)?;
    parse(&finished.output.stdout).ok_or_else(|| {
        let said = finished.output.stderr.trim();
        if said.is_empty() { "ping says nothing that can be understood".to_owned() } else { said.to_owned() }
    })
}

/// Why there is no ping at all, since magmad itself was refused before.
fn no_program(error: ProgramError) -> String {
    match error {
        ProgramError::NotStarted { .. } => format!(
            "magmad has no right to send pings (let net.ipv4.ping_group_range include its group, or give it \
             CAP_NET_RAW), and no ping program could be run instead: {error}"
        ),
        other => other.to_string(),
    }
}

/// The summary of iputils, BusyBox and GNU inetutils:
/// `4 packets transmitted, 4 received, 0% packet loss, time 3004ms`, `4 packets transmitted, 4 packets received, …`;
/// `rtt min/avg/max/mdev = 0.1/0.2/0.3/0.4 ms`, `round-trip min/avg/max = 0.1/0.2/0.3 ms`.
fn parse(said: &str) -> Option<Pinged> {
    let counts = said.lines().find(|line| line.contains("packets transmitted"))?;
    let mut counts = counts.split(',').map(|part| part.split_whitespace().next()?.parse().ok());
    let (transmitted, received) = (counts.next()??, counts.next()??);
    let average = said.lines().find(|line| line.contains("min/avg/max")).and_then(|line| {
        let (_, values) = line.split_once('=')?;
        values.trim().split('/').nth(1)?.parse().ok()
    });
    Some(Pinged { transmitted, received, average_ms: average.unwrap_or(0.0), trouble: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::testing::install;

    const IPUTILS: &str = "PING example.test (192.0.2.1) 56(84) bytes of data.\n\
        64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.045 ms\n\n--- example.test ping statistics ---\n\
        4 packets transmitted, 3 received, +1 errors, 25% packet loss, time 3004ms\n\
        rtt min/avg/max/mdev = 0.035/0.125/0.450/0.004 ms, pipe 2\n";
    const BUSYBOX: &str = "PING 192.0.2.1 (192.0.2.1): 56 data bytes\n64 bytes from 192.0.2.1: seq=0 ttl=64 time=0.058 ms\n\n\
        --- 192.0.2.1 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n\
        round-trip min/avg/max = 0.058/12.5/0.086 ms\n";
    const INETUTILS: &str = "PING 192.0.2.1 (192.0.2.1): 56 data bytes\n--- 192.0.2.1 ping statistics ---\n\
        2 packets transmitted, 2 packets received, 0% packet loss\n\
        round-trip min/avg/max/stddev = 0.055/0.066/0.077/0.011 ms\n";
    const ALL_LOST: &str = "PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.\n\n--- 192.0.2.1 ping statistics ---\n\
        4 packets transmitted, 0 received, 100% packet loss, time 3060ms\n\n";

    #[test]
    fn every_kind_of_ping_is_understood() {
        for (name, said, expected) in [
            ("iputils", IPUTILS, Some((4, 3, 0.125))),
            ("busybox", BUSYBOX, Some((2, 2, 12.5))),
            ("inetutils", INETUTILS, Some((2, 2, 0.066))),
            ("all lost", ALL_LOST, Some((4, 0, 0.0))),
            ("nothing", "", None),
            ("nonsense", "many packets transmitted, few received\n", None),
        ] {
            let pinged = parse(said).map(|pinged| (pinged.transmitted, pinged.received, pinged.average_ms));
            assert_eq!(pinged, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn the_program_gets_its_limits_and_its_complaint_is_passed_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = folder.path().join("arguments");
        let good = install(
            folder.path(),
            "good",
            &format!("echo \"$@\" > {}\nprintf '{BUSYBOX}'", arguments.display()).replace('%', "%%"),
        );
        let pinged = ping(&good, "192.0.2.1", 2).await.expect("understood");
        assert_eq!(pinged.received, 2);
        let arguments = std::fs::read_to_string(arguments).expect("arguments");
        assert_eq!(arguments, "-c 2 -w 20 192.0.2.1\n");
        let bad =
            install(folder.path(), "bad", "echo 'ping: nowhere.test: Name or service not known' >&2; exit 2");
        let complaint = ping(&bad, "nowhere.test", 2).await.expect_err("unknown");
        assert_eq!(complaint, "ping: nowhere.test: Name or service not known");
        let missing = ping(Path::new("/nonexistent/ping"), "192.0.2.1", 2).await.expect_err("missing");
        for words in [
            "net.ipv4.ping_group_range",
            "CAP_NET_RAW",
            "no ping program could be run instead: cannot run /nonexistent/ping: it is not installed",
        ] {
            assert!(missing.contains(words), "{missing}");
        }
        assert!(!complaint.contains("CAP_NET_RAW"), "a program that runs speaks for itself: {complaint}");
    }
}
