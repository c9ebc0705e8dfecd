//! Alerts and silences as REST shows them.

use std::collections::BTreeMap;

use wire_rest::types::{
    AlertRoutingTree, AlertSilenceStatus, GettableAlert, GettableAlertSilencer, PromAlertStatus,
    PromFiringAlert,
};

use crate::document::Silence;
use crate::duration::moment;
use crate::machine::{NetworkAlerts, State};
use crate::routing::ways;
use crate::silence::{SilenceState, covers, state_of};

/// An alert that is not looked at any more counts as over after so long.
const ENDS_AFTER_MS: i64 = 4 * 60_000;

/// The route of a network for which nobody made one: nobody is told.
pub fn base_route(network: &str) -> AlertRoutingTree {
    AlertRoutingTree {
        receiver: format!("{network}_tenant_base_route"),
        r#match: BTreeMap::from([("networkID".to_owned(), network.to_owned())]),
        ..AlertRoutingTree::default()
    }
}

/// The alerts that fire, as Alertmanager shows them.
pub fn firing(
    alerts: &NetworkAlerts,
    tree: &AlertRoutingTree,
    silences: &[(String, Silence)],
    now_ms: i64,
) -> Vec<PromFiringAlert> {
    let firing = alerts.active().filter(|(_, alert)| alert.state == State::Firing);
    firing
        .map(|(fingerprint, alert)| {
            let is_active = |silence: &Silence| state_of(silence, now_ms) == SilenceState::Active;
            let silenced_by: Vec<String> = silences
                .iter()
                .filter(|(_, silence)| is_active(silence) && covers(silence, &alert.labels))
                .map(|(id, _)| id.clone())
                .collect();
            let state = if silenced_by.is_empty() { "active" } else { "suppressed" };
            let receiver = ways(tree, &alert.labels).into_iter().next().map(|way| way.receiver);
            PromFiringAlert {
                annotations: alert.annotations.clone(),
                ends_at: moment(alert.updated_ms + ENDS_AFTER_MS),
                fingerprint: fingerprint.to_owned(),
                receivers: GettableAlert { name: receiver.unwrap_or_default() },
                starts_at: moment(alert.fired_ms),
                status: PromAlertStatus { inhibited_by: Vec::new(), silenced_by, state: state.to_owned() },
                updated_at: moment(alert.updated_ms),
                generator_url: None,
                labels: alert.labels.clone(),
            }
        })
        .collect()
}

/// A silence as Alertmanager shows it.
pub fn shown_silence(id: &str, silence: &Silence, now_ms: i64) -> GettableAlertSilencer {
    GettableAlertSilencer {
        comment: silence.comment.clone(),
        created_by: silence.created_by.clone(),
        ends_at: moment(silence.ends_ms),
        starts_at: moment(silence.starts_ms),
        matchers: silence.matchers.clone(),
        id: id.to_owned(),
        updated_at: moment(silence.updated_ms),
        status: AlertSilenceStatus { state: state_of(silence, now_ms).name().to_owned() },
    }
}
