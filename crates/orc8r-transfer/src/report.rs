//! What became of each object of an import.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::object::Unread;

/// What became of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was made, or would be.
    Created,
    /// It was changed, or would be; the member that was different first.
    Changed(String),
    /// It was there already and says the same.
    Unchanged,
    /// It is not there, or not as it should be, for this reason.
    Refused(String),
}

/// How many objects of a kind met each end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Made.
    pub created: usize,
    /// Changed.
    pub changed: usize,
    /// There already.
    pub unchanged: usize,
    /// Refused.
    pub refused: usize,
}

/// The end of an import.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// By the kind of thing, in the order of the table of resources.
    pub counts: Vec<(&'static str, Counts)>,
    /// What was or would be made or changed, by path; only of a dry run, where it is the plan.
    pub planned: Vec<(String, Outcome)>,
    /// What was refused, by path, with the reason.
    pub refused: Vec<(String, String)>,
    /// What the source could not show.
    pub unread: Vec<Unread>,
    /// What was taken and is not kept as it was sent: by path, the member.
    pub kept_otherwise: Vec<(String, String)>,
    /// What else the operator should know.
    pub remarks: Vec<String>,
    /// Why it ended before its end.
    pub broken_off: Option<String>,
}

impl Report {
    /// Whether everything that the source has is there now.
    pub fn is_complete(&self) -> bool {
        self.refused.is_empty() && self.unread.is_empty() && self.broken_off.is_none()
    }

    /// All kinds together.
    pub fn total(&self) -> Counts {
        self.counts.iter().fold(Counts::default(), |sum, (_, counts)| Counts {
            created: sum.created + counts.created,
            changed: sum.changed + counts.changed,
            unchanged: sum.unchanged + counts.unchanged,
            refused: sum.refused + counts.refused,
        })
    }

    /// The report as one document.
    pub fn to_json(&self) -> Value {
        let counts = |counts: &Counts| {
            let Counts { created, changed, unchanged, refused } = counts;
            json!({"created": created, "changed": changed, "unchanged": unchanged, "refused": refused})
        };
        let kinds = self.counts.iter().map(|(noun, of)| ((*noun).to_owned(), counts(of)));
        let planned = self.planned.iter().map(|(path, outcome)| match outcome {
            Outcome::Changed(member) => json!({"path": path, "change": member}),
            _ => json!({"path": path, "create": true}),
        });
        let pairs = |pairs: &[(String, String)], name: &str| -> Vec<Value> {
            pairs.iter().map(|(path, what)| json!({"path": path, name: what})).collect()
        };
        let unread =
            self.unread.iter().map(|Unread { path, reason }| json!({"path": path, "reason": reason}));
        json!({
            "dry_run": self.dry_run,
            "complete": self.is_complete(),
            "total": counts(&self.total()),
            "kinds": kinds.collect::<Map<_, _>>(),
            "planned": planned.collect::<Vec<_>>(),
            "refused": pairs(&self.refused, "reason"),
            "not_read": unread.collect::<Vec<_>>(),
            "kept_otherwise": pairs(&self.kept_otherwise, "member"),
            "notes": self.remarks,
            "broken_off": self.broken_off,
        })
    }

    pub(crate) fn note(&mut self, noun: &'static str, path: &str, outcome: Outcome) {
        let place = self.counts.iter().position(|(known, _)| *known == noun).unwrap_or_else(|| {
            self.counts.push((noun, Counts::default()));
            self.counts.len() - 1
        });
        let counts = &mut self.counts[place].1;
        match &outcome {
            Outcome::Created => counts.created += 1,
            Outcome::Changed(_) => counts.changed += 1,
            Outcome::Unchanged => counts.unchanged += 1,
            Outcome::Refused(reason) => {
                counts.refused += 1;
                self.refused.push((path.to_owned(), reason.clone()));
            }
        }
        if self.dry_run && matches!(outcome, Outcome::Created | Outcome::Changed(_)) {
            self.planned.push((path.to_owned(), outcome));
        }
    }

    /// Remarks on members that the contract does not have, once for each.
    pub(crate) fn remark_on_members(&mut self, unknown: BTreeMap<(&'static str, String), usize>) {
        for ((noun, member), count) in unknown {
            self.remarks.push(format!(
                "{member} of a {noun} is not in this Orchestrator's contract and is not kept ({count} of them have it)"
            ));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, outcome) in &self.planned {
            match outcome {
                Outcome::Changed(member) if !member.is_empty() => {
                    writeln!(f, "would change   {path} ({member} is different)")?
                }
                Outcome::Changed(_) => writeln!(f, "would change   {path}")?,
                _ => writeln!(f, "would create   {path}")?,
            }
        }
        for Unread { path, reason } in &self.unread {
            writeln!(f, "not read       {path}: {reason}")?;
        }
        for (path, reason) in &self.refused {
            let word = if self.dry_run { "would refuse  " } else { "refused       " };
            writeln!(f, "{word} {path}: {reason}")?;
        }
        for (path, member) in &self.kept_otherwise {
            writeln!(f, "kept otherwise {path}: {member} is not as it was sent")?;
        }
        for remark in &self.remarks {
            writeln!(f, "note           {remark}")?;
        }
        writeln!(f, "{:<34}{:>10}{:>10}{:>10}{:>10}", "", "created", "changed", "as it was", "refused")?;
        let total = self.total();
        for (noun, counts) in self.counts.iter().chain([&("together", total)]) {
            let Counts { created, changed, unchanged, refused } = counts;
            writeln!(f, "{noun:<34}{created:>10}{changed:>10}{unchanged:>10}{refused:>10}")?;
        }
        if let Some(reason) = &self.broken_off {
            writeln!(f, "BROKEN OFF: {reason}. Import again: it goes on where it stopped.")?;
        }
        Ok(())
    }
}
