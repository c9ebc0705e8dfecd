//! Alerts: what the loop that evaluates rules needs to tell somebody.

use magma_rpc::tls::{ClientTls, TlsError, TrustAnchors};
use orc8r_alerts::{Alerts, Outbox, Targets};
use orc8r_metrics::Metrics;
use orc8r_store::Store;

use crate::web_peer::SYSTEM_AUTHORITIES;

/// The loop over this store and these metrics. Without the system's authorities nothing is told by TLS.
pub(crate) fn alerts(store: &Store, metrics: &Metrics) -> Result<Alerts, TlsError> {
    let outbox = Outbox::new(web_tls()?, Targets::Others);
    Ok(Alerts { store: store.clone(), metrics: metrics.clone(), outbox })
}

/// TLS toward web servers, which public authorities vouch for.
fn web_tls() -> Result<ClientTls, TlsError> {
    let pem = std::fs::read(SYSTEM_AUTHORITIES).unwrap_or_default();
    if pem.is_empty() {
        tracing::warn!(
            file = SYSTEM_AUTHORITIES,
            "no public authorities: nothing can be told to web servers by TLS; install ca-certificates"
        );
    }
    ClientTls::new(&TrustAnchors::usable_of_pem(&pem), None)
}
