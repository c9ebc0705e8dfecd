//! Which services restart because of a new `gateway.mconfig`, and what is left to do when some do not.

use std::collections::BTreeSet;

use crate::managed_config::ManagedConfig;
use crate::services::{Outcome, Services};

/// The entry that concerns every service.
pub const SHARED: &str = "shared_mconfig";
/// The agent reads its own entry while it runs.
pub const OWN: &str = "magmad";

/// The services to restart when the entries `changed`: those among them that ran with the old document and still
/// belong to the gateway, or all such when the shared entry is among them.
pub fn restarts(
    changed: &BTreeSet<String>,
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
) -> BTreeSet<String> {
    let all = changed.contains(SHARED);
    let concerned = |service: &&String| *service != OWN && (all || changed.contains(*service));
    before.intersection(after).filter(concerned).cloned().collect()
}

/// Restarts `services`; none of them when there are none.
pub async fn restart(services: &Services, names: BTreeSet<String>) -> Outcome {
    // An empty list would mean all.
    if names.is_empty() {
        return Outcome::default();
    }
    tracing::info!(services = ?names, "restarting services for their new configuration");
    let names: Vec<String> = names.into_iter().collect();
    services.restart(&names).await
}

/// Carries out the restarts that were due when the agent ended: these entries were stored, and their services not
/// restarted.
pub async fn catch_up(managed: &ManagedConfig, services: &Services, unapplied: &BTreeSet<String>) {
    let (live, current) = (managed.current(), services.current());
    let outcome = restart(services, restarts(unapplied, &current, &current)).await;
    managed.note_applied(&live, &applied(unapplied, &outcome));
}

/// Of the entries that `changed`, those whose services did not fail to restart.
pub fn applied(changed: &BTreeSet<String>, outcome: &Outcome) -> BTreeSet<String> {
    let failed =
        |entry: &str| outcome.failed.contains_key(entry) || entry == SHARED && !outcome.failed.is_empty();
    changed.iter().filter(|entry| !failed(entry)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::ServiceError;

    #[test]
    fn entries_whose_services_failed_are_not_applied() {
        let failing = |names: &[&str]| {
            let error = |name: &&str| ((*name).to_owned(), ServiceError::Unknown((*name).to_owned()));
            Outcome { done: Vec::new(), failed: names.iter().map(error).collect() }
        };
        let rows: [(&[&str], &[&str], &[&str]); 4] = [
            (&["mme", "magmad"], &[], &["mme", "magmad"]),
            (&["mme", "sessiond"], &["mme"], &["sessiond"]),
            (&["shared_mconfig", "mme"], &["sessiond"], &["mme"]),
            (&["mme"], &["sessiond"], &["mme"]),
        ];
        for (changed, failed, expected) in rows {
            assert_eq!(applied(&set(changed), &failing(failed)), set(expected), "{changed:?} {failed:?}");
        }
    }

    fn set(services: &[&str]) -> BTreeSet<String> {
        services.iter().map(|service| (*service).to_owned()).collect()
    }

    #[test]
    fn only_running_services_whose_entry_changed_restart() {
        let before = set(&["mme", "sessiond", "monitord", "magmad"]);
        let after = set(&["mme", "sessiond", "redirectd", "magmad"]);
        let rows: [(&str, &[&str], &[&str]); 6] = [
            ("nothing changed", &[], &[]),
            ("one entry", &["mme"], &["mme"]),
            ("an entry of a service of another gateway", &["s8_proxy"], &[]),
            ("the agent's own", &["magmad"], &[]),
            ("services that were just started or stopped", &["redirectd", "monitord"], &[]),
            ("what all share", &["mme", "shared_mconfig"], &["mme", "sessiond"]),
        ];
        for (name, changed, expected) in rows {
            assert_eq!(restarts(&set(changed), &before, &after), set(expected), "{name}");
        }
    }
}
