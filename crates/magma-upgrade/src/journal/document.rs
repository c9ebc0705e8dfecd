//! The journal as a JSON text, with its own number, so that a later magmad and an earlier one know whether they understand
//! each other.

use serde_json::{Value, json};

use super::{Journal, Last, Outcome, Plan, Slot, SlotName, Stage};
use crate::json::{Fields, text};
use crate::manifest::{Artefact, Kind};
use crate::version::Version;

const FORMAT: u64 = 1;

const STAGES: [(Stage, &str); 6] = [
    (Stage::Downloading, "downloading"),
    (Stage::Verified, "verified"),
    (Stage::Staged, "staged"),
    (Stage::Switching, "switching"),
    (Stage::Trial, "trial"),
    (Stage::RollingBack, "rolling_back"),
];

const OUTCOMES: [(Outcome, &str); 3] =
    [(Outcome::Healthy, "healthy"), (Outcome::RolledBack, "rolled_back"), (Outcome::Failed, "failed")];

impl Stage {
    /// Its name in state reports and in the journal.
    pub fn name(self) -> &'static str {
        name_in(&STAGES, self)
    }
}

impl Outcome {
    /// Its name in state reports and in the journal.
    pub fn name(self) -> &'static str {
        name_in(&OUTCOMES, self)
    }
}

impl Journal {
    /// Reads the text.
    ///
    /// # Errors
    /// When it is not a journal of this format, in words.
    pub fn parse(text: &[u8]) -> Result<Self, String> {
        let document: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let fields = Fields::of(&document)?;
        match fields.number("format")? {
            FORMAT => {}
            other => return Err(format!("its format is {other}, and this magmad knows format {FORMAT}")),
        }
        let active = fields.optional("active", |value| {
            Ok((by_name(&STAGES, Fields::of(value)?.text("stage")?)?, read_plan(value)?))
        })?;
        Ok(Self {
            active,
            done: fields.optional("done", read_plan)?,
            running: fields.optional("running", read_slot)?,
            refused: fields.optional("refused", |value| {
                let fields = Fields::of(value)?;
                Ok((version(&fields, "version")?, fields.text("reason")?.to_owned()))
            })?,
            attempts: fields.optional("attempts", |value| {
                let fields = Fields::of(value)?;
                Ok((version(&fields, "version")?, count(&fields, "count")?))
            })?,
            last: fields.optional("last", read_last)?,
            paused: flag(&fields, "paused")?,
            kept: fields.optional("kept", |value| version_of(value.as_str().unwrap_or_default()))?,
        })
    }

    /// The text.
    pub fn to_json(&self) -> Value {
        json!({
            "format": FORMAT,
            "active": self.active.as_ref().map(|(stage, plan)| {
                let mut value = write_plan(plan);
                value["stage"] = stage.name().into();
                value
            }),
            "done": self.done.as_ref().map(write_plan),
            "running": self.running.as_ref().map(write_slot),
            "refused": self.refused.as_ref()
                .map(|(version, reason)| json!({ "version": version.as_str(), "reason": reason })),
            "attempts": self.attempts.as_ref()
                .map(|(version, count)| json!({ "version": version.as_str(), "count": count })),
            "last": self.last.as_ref().map(|last| json!({
                "version": last.version.as_str(),
                "outcome": last.outcome.name(),
                "reason": last.reason,
                "told": u64::from(last.told),
            })),
            "paused": u64::from(self.paused),
            "kept": self.kept.as_ref().map(Version::as_str),
        })
    }
}

fn read_plan(value: &Value) -> Result<Plan, String> {
    let fields = Fields::of(value)?;
    let kind = fields.text("kind")?;
    Ok(Plan {
        version: version(&fields, "version")?,
        from: version(&fields, "from")?,
        kind: Kind::from_name(kind).ok_or_else(|| format!("kind {kind:?} is unknown"))?,
        artefacts: fields.list("artefacts", Artefact::from_json)?,
        back: fields.list("back", Artefact::from_json)?,
        slot: slot_name(&fields, "slot")?,
        before: fields.optional("before", read_slot)?,
        required: fields.list("required", text)?,
        starts: count(&fields, "starts")?,
        reason: fields.text("reason")?.to_owned(),
        packaged: fields.optional("packaged", text)?.unwrap_or_default(),
        ordered: flag(&fields, "ordered")?,
        signed_by: fields.optional("signed_by", text)?.unwrap_or_default(),
    })
}

fn write_plan(plan: &Plan) -> Value {
    json!({
        "version": plan.version.as_str(),
        "from": plan.from.as_str(),
        "kind": plan.kind.name(),
        "artefacts": plan.artefacts.iter().map(Artefact::to_json).collect::<Vec<_>>(),
        "back": plan.back.iter().map(Artefact::to_json).collect::<Vec<_>>(),
        "slot": plan.slot.as_str(),
        "before": plan.before.as_ref().map(write_slot),
        "required": plan.required,
        "starts": plan.starts,
        "reason": plan.reason,
        "packaged": plan.packaged,
        "ordered": u64::from(plan.ordered),
        "signed_by": plan.signed_by,
    })
}

fn read_slot(value: &Value) -> Result<Slot, String> {
    let fields = Fields::of(value)?;
    Ok(Slot {
        name: slot_name(&fields, "slot")?,
        version: version(&fields, "version")?,
        size: fields.number("size")?,
        sha256: fields.text("sha256")?.to_owned(),
        packaged: fields.text("packaged")?.to_owned(),
    })
}

fn write_slot(slot: &Slot) -> Value {
    let Slot { name, version, size, sha256, packaged } = slot;
    let (slot, version) = (name.as_str(), version.as_str());
    json!({ "slot": slot, "version": version, "size": size, "sha256": sha256, "packaged": packaged })
}

fn read_last(value: &Value) -> Result<Last, String> {
    let fields = Fields::of(value)?;
    Ok(Last {
        version: version(&fields, "version")?,
        outcome: by_name(&OUTCOMES, fields.text("outcome")?)?,
        reason: fields.text("reason")?.to_owned(),
        told: fields.number("told")? != 0,
    })
}

fn version(fields: &Fields<'_>, name: &str) -> Result<Version, String> {
    version_of(fields.text(name)?)
}

fn version_of(text: &str) -> Result<Version, String> {
    Version::parse(text).map_err(|error| error.to_string())
}

fn slot_name(fields: &Fields<'_>, name: &str) -> Result<SlotName, String> {
    match fields.text(name)? {
        "a" => Ok(SlotName::A),
        "b" => Ok(SlotName::B),
        other => Err(format!("there is no slot {other:?}")),
    }
}

fn count(fields: &Fields<'_>, name: &str) -> Result<u32, String> {
    u32::try_from(fields.number(name)?).map_err(|error| error.to_string())
}

/// An absent one is not set: earlier versions did not write it.
fn flag(fields: &Fields<'_>, name: &str) -> Result<bool, String> {
    let number = |value: &Value| value.as_u64().ok_or_else(|| "a number was expected".to_owned());
    Ok(fields.optional(name, number)?.is_some_and(|number| number != 0))
}

fn by_name<T: Copy>(table: &[(T, &str)], name: &str) -> Result<T, String> {
    let found = table.iter().find(|(_, known)| *known == name);
    found.map(|(value, _)| *value).ok_or_else(|| format!("{name:?} is unknown"))
}

fn name_in<T: PartialEq>(table: &[(T, &'static str)], value: T) -> &'static str {
    let found = table.iter().find(|(known, _)| *known == value);
    found.map(|(_, name)| *name).expect("invariant: each value has its row")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(text: &str) -> Slot {
        let version = Version::parse(text).expect("a version");
        Slot { name: SlotName::B, version, size: 7, sha256: "ab".repeat(32), packaged: "1.8.0".to_owned() }
    }

    fn plan() -> Plan {
        let sha256 = "cd".repeat(32);
        let file = Artefact {
            kind: Kind::Binary,
            arch: "any".to_owned(),
            name: "magmad".to_owned(),
            size: 9,
            sha256: sha256.clone(),
            containers: Vec::new(),
        };
        Plan {
            version: Version::parse("1.9.0-3").expect("a version"),
            from: slot("1.8.0").version,
            kind: Kind::Binary,
            artefacts: vec![file.clone()],
            back: vec![file],
            slot: SlotName::A,
            before: Some(slot("1.8.5")),
            required: vec!["state".to_owned()],
            starts: 2,
            reason: "a \"reason\"".to_owned(),
            packaged: "1.7.9".to_owned(),
            ordered: true,
            signed_by: "a key".to_owned(),
        }
    }

    #[test]
    fn every_journal_is_read_as_it_was_written() {
        let version = plan().version;
        let mut journals = vec![Journal::default()];
        for (stage, _) in STAGES {
            journals.push(Journal { active: Some((stage, plan())), ..Journal::default() });
        }
        for (outcome, _) in OUTCOMES {
            let last = Last { version: version.clone(), outcome, reason: "why".to_owned(), told: true };
            journals.push(Journal {
                done: Some(plan()),
                running: Some(slot("1.9.0")),
                refused: Some((version.clone(), "bad".to_owned())),
                attempts: Some((version.clone(), 2)),
                last: Some(last),
                paused: true,
                kept: Some(version.clone()),
                ..Journal::default()
            });
        }
        for journal in journals {
            let text = journal.to_json().to_string();
            assert_eq!(Journal::parse(text.as_bytes()), Ok(journal), "{text}");
        }
    }

    #[test]
    fn what_is_no_journal_is_said() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"format":2}"#,
            r#"{"format":1,"active":{"stage":"flying"}}"#,
            r#"{"format":1,"running":{"slot":"c"}}"#,
            r#"{"format":1,"last":7}"#,
        ] {
            assert!(Journal::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(Journal::parse(br#"{"format":1,"more":1}"#), Ok(Journal::default()));
    }
}
