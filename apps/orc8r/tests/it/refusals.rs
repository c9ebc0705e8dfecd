//! Who is refused can be read in the log, with the reason and the address.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;

use crate::bootstrap::{bootstrap, bootstrap_as, poll};
use crate::edge::{Edge, echo_device};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Keeps what this thread logs, on which the test's Orchestrator runs too.
    fn keep(&self) -> DefaultGuard {
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn assert_refused(&self, whom: &str, reason: &str) {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let refused = |line: &&str| line.contains("WARN") && line.contains("refused");
        let lines: Vec<_> = text.lines().filter(refused).collect();
        let found = [whom, reason, "127.0.0.1:"].iter().all(|part| lines[0].contains(part));
        assert!(found, "{whom}, {reason}: {lines:?}");
    }
}

#[tokio::test]
async fn a_hardware_id_that_is_not_registered_is_in_the_log() {
    let (log, edge) = (Log::default(), Edge::start().await);
    let _kept = log.keep();
    assert!(bootstrap_as(&edge, "hw7", "hw7", None).await.is_err());
    log.assert_refused("hw7", "not registered");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_gateway_that_is_not_accepted_is_in_the_log() {
    for (revoked, reason) in [(true, "Unknown Client Certificate"), (false, "Unregistered Gateway hw1")] {
        let (log, edge) = (Log::default(), Edge::start().await);
        let _kept = log.keep();
        edge.make_gateways(&[("gw1", echo_device("hw1"))]).await;
        let gateway = bootstrap(&edge, "hw1").await;
        let store = edge.store();
        let known = store.certificates().await.unwrap();
        let (serial, _) = known.iter().find(|(_, info)| info.identity.common_name() == "hw1").unwrap();
        if revoked {
            store.revoke_certificate(serial).await.unwrap();
        } else {
            edge.rest("DELETE", "/networks/n1/gateways/gw1", None).await;
        }
        assert!(poll(&edge, &gateway).await.is_err());
        log.assert_refused(serial, reason);
        edge.running.shutdown().await;
    }
}
