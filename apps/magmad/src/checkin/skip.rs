//! Whether the gateway's own state waits for a service that has not said anything yet.
//!
//! Some operators want no status of a gateway without, say, the radio's facts in it. After a few check-ins that waited
//! in vain the status is sent anyway, since a gateway that never checks in counts as dead.

use std::collections::BTreeSet;

/// The rule of `skip_checkin_if_missing_meta_services` and `max_skipped_checkins`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRule {
    required: BTreeSet<String>,
    skips_max: u32,
    skipped: u32,
}

impl SkipRule {
    /// The gateway's state needs facts of `required`, for at most `skips_max` check-ins in a row; 0 waits for ever.
    pub fn new(required: BTreeSet<String>, skips_max: u32) -> Self {
        Self { required, skips_max, skipped: 0 }
    }

    /// Decides about one check-in, given the services that have facts. Returns the services that it waits for, or
    /// nothing when the state is to be sent.
    pub fn waits_for(&mut self, having_facts: &BTreeSet<String>) -> BTreeSet<String> {
        let missing: BTreeSet<String> = self.required.difference(having_facts).cloned().collect();
        if missing.is_empty() {
            self.skipped = 0;
            return missing;
        }
        if self.skips_max > 0 && self.skipped >= self.skips_max {
            return BTreeSet::new();
        }
        self.skipped = self.skipped.saturating_add(1);
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_in_waits_for_facts_but_not_for_ever() {
        // One letter for each check-in: whether the facts are there; then whether the state is sent.
        let rows: [(&str, &[&str], u32, &str, &str); 5] = [
            ("nothing required", &[], 3, "nn", "yy"),
            ("facts are there", &["enodebd"], 3, "y", "y"),
            ("sent after three", &["enodebd"], 3, "nnnnnn", "nnnyyy"),
            ("facts in between count anew", &["enodebd"], 1, "nynn", "nyny"),
            ("0 waits for ever", &["enodebd"], 0, "nnnnn", "nnnnn"),
        ];
        let set =
            |names: &[&str]| -> BTreeSet<String> { names.iter().map(|&name| name.to_owned()).collect() };
        for (name, required, skips_max, facts, expected) in rows {
            let mut rule = SkipRule::new(set(required), skips_max);
            let mut check_in = |facts: char| {
                let having = if facts == 'y' { set(&["enodebd", "mme"]) } else { set(&["mme"]) };
                if rule.waits_for(&having).is_empty() { 'y' } else { 'n' }
            };
            assert_eq!(facts.chars().map(&mut check_in).collect::<String>(), expected, "{name}");
        }
    }
}
