//! Traces the way to a host by the system's `traceroute`, where this program may not open raw sockets itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use wire_orc8r::orc8r::TracerouteHop;

use super::hops;
use crate::program::{self, ProgramError};

/// How long one trace may take: thirty hops that do not answer take about half of it.
const TRACE_LIMIT: Duration = Duration::from_secs(60);

/// Runs `traceroute` and reads what it says. A trace that takes too long has the hops until then and an error.
pub(super) async fn trace(
    program: &Path,
    host: &str,
    hops_max: u8,
    bytes: u16,
) -> (Vec<TracerouteHop>, Option<String>) {
    let mut command = Command::new(program);
    command.args(["-m", &hops_max.to_string(), host, &bytes.to_string()]).env("LC_ALL", "C");
    match program::run(command, TRACE_LIMIT).await {
        Ok(finished) => {
            let hops = hops::parse(&finished.output.stdout);
            let said = finished.output.stderr.trim();
            let error = match hops.is_empty() {
                true if said.is_empty() => Some("traceroute says nothing that can be understood".to_owned()),
                true => Some(said.to_owned()),
                false => None,
            };
            (hops, error)
        }
        Err(error) => {
            let words = error.to_string();
            let hops = match error {
                ProgramError::Killed { output, .. } => hops::parse(&output.stdout),
                ProgramError::NotStarted { .. } => Vec::new(),
            };
            (hops, Some(words))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::testing::install;

    #[tokio::test]
    async fn hops_or_the_complaint_are_passed_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let good = install(folder.path(), "good", "echo \"1  $1$2 ($3)  $4 ms\"");
        let (hops, error) = trace(&good, "192.0.2.1", 12, 60).await;
        assert_eq!(error, None);
        let probe = &hops[0].probes[0];
        assert_eq!((probe.hostname.as_str(), probe.ip.as_str(), probe.rtt_ms), ("-m12", "192.0.2.1", 60.0));
        let bad = install(folder.path(), "bad", "echo 'Name or service not known' >&2; exit 2");
        assert_eq!(trace(&bad, "x", 1, 60).await, (Vec::new(), Some("Name or service not known".to_owned())));
        let (_, missing) = trace(Path::new("/nonexistent/traceroute"), "x", 1, 60).await;
        assert!(missing.expect("an error").starts_with("cannot run /nonexistent/traceroute"));
    }
}
