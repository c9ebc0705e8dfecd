//! Which services restart because of a new `gateway.mconfig`: a pure decision.

use std::collections::BTreeSet;

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

#[cfg(test)]
mod tests {
    use super::*;

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
