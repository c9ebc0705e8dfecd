//! What an upgrade has come to, as it is written down before each step; one small file, replaced whole.
//!
//! The transitions are methods without any I/O. What is written here is the truth: the link `current` and the names of
//! containers follow it, and are put right after a power cut.

mod document;

use crate::manifest::{Artefact, Kind};
use crate::version::Version;

/// How many starts a new version has during its trial. A program that crashes at once uses them up in seconds.
pub const TRIAL_STARTS_MAX: u32 = 3;
/// How many times a version is tried whose files are wrong or cannot be installed.
pub const ATTEMPTS_MAX: u32 = 3;

/// How far an upgrade has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its files come in; their lengths say how far.
    Downloading,
    /// All files are here, and they are the signed ones.
    Verified,
    /// Everything is in its place; nothing runs differently yet.
    Staged,
    /// The new version is being put into effect.
    Switching,
    /// The new version runs, and has to show that it is healthy.
    Trial,
    /// The old version is being put into effect again.
    RollingBack,
}

/// One upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The new version.
    pub version: Version,
    /// What ran before.
    pub from: Version,
    /// How it is installed.
    pub kind: Kind,
    /// What it consists of, from the signed manifest.
    pub artefacts: Vec<Artefact>,
    /// For [`Kind::Deb`]: what the version before consists of.
    pub back: Vec<Artefact>,
    /// For [`Kind::Binary`]: where the new program is put.
    pub slot: SlotName,
    /// For [`Kind::Binary`]: the slot that ran before; none for the packaged program.
    pub before: Option<Slot>,
    /// The services that answered before the switch, and that have to answer after it.
    pub required: Vec<String>,
    /// How many times the new version has been started during its trial; then, for [`Kind::Deb`], how many times
    /// [`crate::guard::restore`] has begun to put the old one back.
    pub starts: u32,
    /// Why it is rolled back.
    pub reason: String,
    /// For [`Kind::Binary`]: the version of the packaged program, as that one said at the last start of the trial; empty
    /// before.
    pub packaged: String,
    /// Whether an operator ordered it, so that it goes on whatever `autoupgrade_enabled` says.
    pub ordered: bool,
    /// The key that signed the version's manifest, in base64.
    pub signed_by: String,
}

/// One of the two places for a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotName {
    /// `a`
    #[default]
    A,
    /// `b`
    B,
}

/// A place with a program that has proven itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Which place.
    pub name: SlotName,
    /// The version of the program in it.
    pub version: Version,
    /// Its length in bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: String,
    /// The version of the packaged program when this one was installed. Whoever installs another package wants that one.
    pub packaged: String,
}

/// How the last upgrade ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Which version it was about.
    pub version: Version,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, in words.
    pub reason: String,
    /// Whether the agent has told the cloud.
    pub told: bool,
}

/// What came of an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The new version runs and is healthy.
    Healthy,
    /// The old version runs again.
    RolledBack,
    /// It was given up before anything changed.
    Failed,
}

/// The whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// The upgrade under way.
    pub active: Option<(Stage, Plan)>,
    /// The last upgrade that ended well, so that an operator can take it back.
    pub done: Option<Plan>,
    /// The slot in use; none for the packaged program, and for other kinds than [`Kind::Binary`].
    pub running: Option<Slot>,
    /// A version that is not tried until another one was asked for, and why.
    pub refused: Option<(Version, String)>,
    /// Failed attempts of a version.
    pub attempts: Option<(Version, u32)>,
    /// How the last one ended.
    pub last: Option<Last>,
    /// Whether an operator wants nothing to be begun, and what is under way to wait before its switch.
    pub paused: bool,
    /// The version that was let be while its files came in; they go on if it is asked for again.
    pub kept: Option<Version>,
}

impl SlotName {
    /// The folder's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }

    /// The other place.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

impl Journal {
    /// The place that no proven program is in.
    pub fn free_slot(&self) -> SlotName {
        self.running.as_ref().map_or(SlotName::A, |slot| slot.name.other())
    }

    /// The stage of the upgrade under way.
    pub fn stage(&self) -> Option<Stage> {
        self.active.as_ref().map(|(stage, _)| *stage)
    }

    /// Where [`Journal::take_back`] leads.
    pub fn way_back(&self) -> Option<&str> {
        let packaged = self.running.as_ref().map(|slot| slot.packaged.as_str());
        self.done.as_ref().map(|plan| plan.from.as_str()).or(packaged).filter(|_| self.active.is_none())
    }

    /// Whether the upgrade under way has changed nothing yet.
    pub fn is_harmless(&self) -> bool {
        matches!(self.stage(), Some(Stage::Downloading | Stage::Verified | Stage::Staged))
    }

    /// An upgrade begins.
    pub fn begin(&mut self, plan: Plan) {
        self.kept = None;
        self.active = Some((Stage::Downloading, plan));
    }

    /// The upgrade under way is at this stage now. From [`Stage::Verified`] on, what comes may take the place of what the
    /// way back from the upgrade before needs: the same slot, or the containers that were kept.
    pub fn reached(&mut self, stage: Stage) {
        if let (Stage::Verified, Some((_, plan))) = (stage, &self.active) {
            self.done.take_if(|done| match plan.kind {
                Kind::Binary => done.before.as_ref().is_some_and(|before| before.name == plan.slot),
                Kind::Deb => false,
                Kind::Oci => true,
            });
        }
        if let Some((current, _)) = &mut self.active {
            *current = stage;
        }
    }

    /// The new version will be put into effect; these services answer now.
    pub fn switch(&mut self, required: Vec<String>) {
        if let Some((stage, plan)) = &mut self.active {
            *stage = Stage::Switching;
            plan.required = required;
            plan.starts = 0;
        }
    }

    /// The new version is healthy, and stays. `packaged` is the version of the packaged program, if that one has not said it
    /// itself.
    pub fn healthy(&mut self, packaged: &str) {
        let Some((_, plan)) = self.active.take() else { return };
        if plan.kind == Kind::Binary {
            self.running = plan.artefacts.first().map(|artefact| Slot {
                name: plan.slot,
                version: plan.version.clone(),
                size: artefact.size,
                sha256: artefact.sha256.clone(),
                packaged: if plan.packaged.is_empty() { packaged.to_owned() } else { plan.packaged.clone() },
            });
        }
        self.ended(plan.version.clone(), Outcome::Healthy, String::new());
        self.attempts = None;
        self.refused = None;
        self.done = Some(plan);
    }

    /// The new version has to go.
    pub fn roll_back(&mut self, reason: &str) {
        if let Some((stage, plan)) = &mut self.active {
            *stage = Stage::RollingBack;
            plan.starts = 0;
            plan.reason = reason.to_owned();
        }
    }

    /// The upgrade that ended well last has to go, because an operator wants so; where the way back from that one is gone,
    /// the packaged program comes back. Says whether there is such a way.
    pub fn take_back(&mut self, reason: &str) -> bool {
        if self.active.is_some() {
            return false;
        }
        let plan = self.done.take().or_else(|| self.running.as_ref().map(to_packaged));
        self.active = plan.map(|plan| (Stage::RollingBack, plan));
        self.roll_back(reason);
        self.active.is_some()
    }

    /// The old version is in effect again.
    pub fn rolled_back(&mut self) {
        let Some((_, plan)) = self.active.take() else { return };
        if plan.kind == Kind::Binary {
            self.running = plan.before;
        }
        self.refused = Some((plan.version.clone(), plan.reason.clone()));
        self.ended(plan.version, Outcome::RolledBack, plan.reason);
        self.attempts = None;
    }

    /// An attempt failed before anything changed; after [`ATTEMPTS_MAX`] of them the version is refused.
    /// `version` is given for attempts that have no plan yet. Says whether it is refused now.
    pub fn failed(&mut self, version: &Version, reason: &str) -> bool {
        let before =
            self.attempts.take().filter(|(failed, _)| failed == version).map_or(0, |(_, count)| count);
        let count = before + 1;
        if count < ATTEMPTS_MAX {
            self.attempts = Some((version.clone(), count));
            return false;
        }
        self.active = None;
        self.refused = Some((version.clone(), reason.to_owned()));
        self.ended(version.clone(), Outcome::Failed, reason.to_owned());
        true
    }

    /// An operator wants the upgrade under way not to go on, and nothing has changed yet.
    pub fn cancel(&mut self, reason: &str) {
        let Some((_, plan)) = self.active.take() else { return };
        self.attempts = None;
        self.refused = Some((plan.version.clone(), reason.to_owned()));
        self.ended(plan.version, Outcome::Failed, reason.to_owned());
    }

    /// What was asked for is not asked for any more, and nothing has changed yet.
    pub fn abandon(&mut self) {
        self.kept = self.active.take().map(|(_, plan)| plan.version);
        self.attempts = None;
    }

    /// Another version is asked for: what is remembered of an earlier one no longer counts. Says whether there was such.
    pub fn asked_for(&mut self, version: &Version) -> bool {
        let before = (self.refused.is_some(), self.attempts.is_some());
        if self.refused.as_ref().is_some_and(|(refused, _)| refused != version) {
            self.refused = None;
        }
        if self.attempts.as_ref().is_some_and(|(failed, _)| failed != version) {
            self.attempts = None;
        }
        before != (self.refused.is_some(), self.attempts.is_some())
    }

    fn ended(&mut self, version: Version, outcome: Outcome, reason: String) {
        self.last = Some(Last { version, outcome, reason, told: false });
    }
}

/// As if the program in the slot had been installed over the packaged one.
fn to_packaged(slot: &Slot) -> Plan {
    Plan {
        version: slot.version.clone(),
        from: Version::parse(&slot.packaged).unwrap_or_else(|_| slot.version.clone()),
        kind: Kind::Binary,
        artefacts: Vec::new(),
        back: Vec::new(),
        slot: slot.name,
        before: None,
        required: Vec::new(),
        starts: 0,
        reason: String::new(),
        packaged: slot.packaged.clone(),
        ordered: true,
        signed_by: String::new(),
    }
}
