//! Alerts: what the loop that evaluates rules needs to tell somebody.

use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r_alerts::{Alertmanager, Alerts, Evaluations, Outbox, Pair, PairSteps, Targets};
use orc8r_logs::CloudEvents;
use orc8r_metrics::Metrics;
use orc8r_metrics::remote::Target;
use orc8r_store::Store;

use crate::config::AlertsConfig;
use crate::web_peer::{PeerError, SYSTEM_AUTHORITIES, WebPeer, read};

/// For whom files are read.
const RECEIVERS: &str = "the receivers of alerts";

/// The loop over this store and these metrics. Without the system's authorities nothing is told by TLS.
pub(crate) fn alerts(
    store: &Store,
    metrics: &Metrics,
    config: &AlertsConfig,
    events: CloudEvents,
) -> Result<Alerts, PeerError> {
    let outbox = Outbox::new(web_tls(config)?, Targets::public_and(config.may_reach.clone()));
    let evaluations = Evaluations::default();
    Ok(Alerts { store: store.clone(), metrics: metrics.clone(), outbox, events: Some(events), evaluations })
}

/// The existing pair, when there is one.
pub(crate) fn pair(config: &AlertsConfig) -> Result<Option<(Pair, Alertmanager)>, PeerError> {
    let Some(pair) = &config.pair else { return Ok(None) };
    let target = |url: &str| {
        let WebPeer { tls, authorization } = pair.files.read("Prometheus and Alertmanager", url)?;
        Ok::<_, PeerError>(Target { url: url.to_owned(), tls, authorization })
    };
    let files = Pair {
        rules_folder: pair.rules_folder.clone(),
        rules_reload: target(&pair.rules_reload)?,
        alertmanager_file: pair.alertmanager_file.clone(),
        alertmanager_reload: target(&format!("{}/-/reload", pair.alertmanager))?,
        steps: PairSteps::default(),
    };
    Ok(Some((files, Alertmanager::new(target(&pair.alertmanager)?))))
}

/// TLS toward web servers, which public authorities vouch for, or the operator's own.
fn web_tls(config: &AlertsConfig) -> Result<ClientTls, PeerError> {
    let pem = std::fs::read(SYSTEM_AUTHORITIES).unwrap_or_default();
    if pem.is_empty() {
        tracing::warn!(
            file = SYSTEM_AUTHORITIES,
            "no public authorities: nothing can be told to web servers by TLS; install ca-certificates"
        );
    }
    let mut trust = TrustAnchors::usable_of_pem(&pem);
    let unusable = |file: &std::path::Path, error| PeerError::Authorities {
        peer: RECEIVERS,
        file: file.to_owned(),
        error,
    };
    if let Some(file) = &config.authorities {
        let own = TrustAnchors::from_pem(&read(RECEIVERS, file)?);
        trust = trust.and(own.map_err(|error| unusable(file, error))?);
    }
    ClientTls::new(&trust, None).map_err(|error| unusable(SYSTEM_AUTHORITIES.as_ref(), error))
}
