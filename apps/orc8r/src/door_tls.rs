//! What the doors present and whom they trust, taken up anew when the certificates in the data folder change.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use magma_rpc::tls::{ClientAuth, Identity, ServerTls, TlsError, TrustAnchors};
use orc8r_ca::CertificateAuthorities;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::start_log::log_event;

/// How often the files are looked at: whoever changes them wants to see it.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// How often the server certificate's end is looked at, and how soon files that did not fit are tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// TLS of the doors that insist on a client certificate, of that of operators, who may sign in without, and of the one
/// that does not ask. Clones change together.
#[derive(Clone)]
pub(crate) struct DoorTls {
    pub(crate) certified: ServerTls,
    pub(crate) operators: ServerTls,
    pub(crate) open: ServerTls,
}

impl DoorTls {
    pub(crate) fn new(authorities: &CertificateAuthorities) -> Result<Self, TlsError> {
        let (chain, key) = authorities.server_pems();
        let identity = Identity::from_pem(&chain, &key)?;
        let clients = TrustAnchors::from_pem(&authorities.certifier_pem())?;
        Ok(Self {
            certified: ServerTls::new(&identity, ClientAuth::Required(&clients))?,
            operators: ServerTls::new(&identity, ClientAuth::Optional(&clients))?,
            open: ServerTls::new(&identity, ClientAuth::None)?,
        })
    }

    /// From the next connection on; those that are open stay.
    fn replace(&self, other: &Self) {
        self.certified.replace(&other.certified);
        self.operators.replace(&other.operators);
        self.open.replace(&other.open);
    }

    /// Looks after the certificates until told to stop: the server's is renewed in time, and what an operator or a
    /// command puts into the folder is taken up within seconds.
    pub(crate) async fn keep_up(
        self,
        authorities: Arc<CertificateAuthorities>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut ticks = interval(LOOK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut seen, mut looked) = (seen(&authorities), Instant::now());
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stopped.wait_for(|stop| *stop) => return,
            }
            let now = self::seen(&authorities);
            if now != seen || looked.elapsed() >= AGAIN {
                (seen, looked) = (now, Instant::now());
                self.take_up(&authorities);
            }
        }
    }

    fn take_up(&self, authorities: &CertificateAuthorities) {
        let changed = match authorities.reload(SystemTime::now()) {
            Ok((changed, events)) => {
                // Every minute the same warning would be too much; the start and doctor tell of it.
                if changed {
                    events.iter().for_each(log_event);
                }
                changed
            }
            Err(error) => {
                tracing::warn!(%error, "the certificates in the data folder cannot be taken up: what was served stays");
                return;
            }
        };
        if !changed {
            return;
        }
        match Self::new(authorities) {
            Ok(new) => {
                self.replace(&new);
                tracing::info!(
                    "the certificates in the data folder have changed, and are served from now on"
                );
            }
            Err(error) => {
                tracing::warn!(%error, "TLS cannot use the new certificates: what was served stays")
            }
        }
    }
}

type Seen = Vec<Option<(u64, i64, i64, u64)>>;

/// By what a file that was replaced or changed is told from the one before.
fn seen(authorities: &CertificateAuthorities) -> Seen {
    let files = authorities.files();
    let look = |path: &Path| {
        let file = std::fs::metadata(path).ok()?;
        Some((file.ino(), file.mtime(), file.mtime_nsec(), file.len()))
    };
    let paths = [
        &files.root_certificate,
        &files.certifier_certificate,
        &files.certifier_key,
        &files.server_certificate,
        &files.server_key,
    ];
    paths.into_iter().map(|path| look(path)).collect()
}
