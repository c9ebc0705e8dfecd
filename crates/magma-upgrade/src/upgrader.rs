//! Drives upgrades: looks at what was asked for and at what the journal says, takes one step, and writes down what came of it.
//!
//! Each call of [`Upgrader::turn`] is safe to be cut off anywhere. The order is always: write down what will be done, do it
//! so that it can be done twice, write down that it is done.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::backoff::Backoff;
use tokio::time::Instant;

use crate::disk::Disk;
use crate::fetch::{FetchError, Source};
use crate::installer::{InstallError, Installer};
use crate::journal::{Journal, Outcome, Plan, SlotName, Stage};
use crate::layout::{Layout, Request};
use crate::manifest::Kind;
use crate::version::Version;

/// How often putting a version into effect is tried; dpkg may be busy with something else.
const SWITCHES_MAX: u32 = 3;
const BY_HAND: &str = "an operator asked for it";
const PAUSED: &str = "an operator paused upgrades; magmad upgrade now lets them go on";

/// What is asked for, and allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// `package_version` of the tier.
    pub version: String,
    /// `autoupgrade_enabled` of the tier.
    pub enabled: bool,
    /// Whether an operator lets the cloud choose an older version.
    pub allow_downgrade: bool,
}

/// How the gateway is, as far as an upgrade wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How many check-ins the cloud took since this process began.
    pub check_ins: u64,
    /// The fixed services that answer.
    pub answering: BTreeSet<String>,
}

/// The times of an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How long a new version has to show that it is healthy. It counts from the start of each process, since the clock may
    /// be wrong.
    pub window: Duration,
    /// How long it runs at least before it can count as healthy.
    pub settle: Duration,
    /// The pause after the first failure; it doubles up to `retry_max`.
    pub retry_first: Duration,
    /// The longest pause after a failure.
    pub retry_max: Duration,
    /// How often a trial, and what it waits for, is looked at.
    pub look_every: Duration,
}

impl Default for Timings {
    /// Five minutes for a trial, of which 30 s, three polls of the services, have to pass in any case.
    fn default() -> Self {
        Self {
            window: Duration::from_secs(300),
            settle: Duration::from_secs(30),
            retry_first: Duration::from_secs(30),
            retry_max: Duration::from_secs(3600),
            look_every: Duration::from_secs(2),
        }
    }
}

/// What runs now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The version of the packaged program.
    pub packaged: String,
    /// For [`Kind::Binary`]: the slot that this process was started from.
    pub slot: Option<SlotName>,
}

/// What the caller has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Call again when something is asked for, or at the next look at the configuration.
    Rest,
    /// Call again after this long.
    After(Duration),
    /// End this process in good order and start it again: [`crate::launch::decide`] chooses what runs then.
    Restart,
}

/// Something to tell the cloud and the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// An upgrade began.
    Started {
        /// From which version.
        from: String,
        /// To which version.
        to: Version,
    },
    /// An upgrade ended.
    Ended {
        /// Which version it was about.
        version: Version,
        /// How.
        outcome: Outcome,
        /// Why, in words.
        reason: String,
    },
}

/// The upgrades of one gateway.
#[derive(Debug)]
pub struct Upgrader {
    disk: Arc<dyn Disk>,
    layout: Layout,
    journal: Journal,
    installer: Installer,
    running: Running,
    timings: Timings,
    trial_since: Option<Instant>,
    /// Check-ins before the trial, which say nothing about it.
    check_ins_before: u64,
    retry_at: Option<Instant>,
    pauses: Backoff,
    switches: u32,
    now: bool,
    error: String,
    notices: Vec<Notice>,
}

impl Upgrader {
    /// Goes on from what the journal says.
    pub fn open(
        disk: Arc<dyn Disk>,
        layout: Layout,
        installer: Installer,
        running: Running,
        timings: Timings,
    ) -> Self {
        let journal = layout.load().unwrap_or_else(|reason| {
            tracing::error!("{reason}; what it said of upgrades is lost, and the next one writes it anew");
            Journal::default()
        });
        let mut upgrader = Self {
            disk,
            layout,
            journal,
            installer,
            running,
            trial_since: None,
            check_ins_before: 0,
            retry_at: None,
            pauses: Backoff::new(timings.retry_first, timings.retry_max),
            timings,
            switches: 0,
            now: false,
            error: String::new(),
            notices: Vec::new(),
        };
        upgrader.tell_last();
        upgrader
    }

    /// Takes the next step towards the wish; one step may take hours when it is a download.
    pub async fn turn(&mut self, wish: &Wish, source: Result<&Source, &str>, health: &Health) -> Turn {
        let before = self.journal.clone();
        match self.step(wish, source, health).await {
            Ok(turn) => turn,
            Err(error) => {
                // What could not be written down is not the case, and the step is taken again.
                self.journal = before;
                self.fail(format!("{} cannot be written: {error}", self.layout.journal().display()))
            }
        }
    }

    /// An operator's request; see [`Request`].
    ///
    /// # Errors
    /// When it cannot be followed, in words.
    pub fn request(&mut self, request: Request) -> Result<(), String> {
        self.retry_at = None;
        self.pauses.reset();
        match request {
            Request::Now => {
                self.now = true;
                self.journal.paused = false;
                self.journal.refused = None;
                self.journal.attempts = None;
            }
            Request::Pause => self.journal.paused = true,
            Request::RollBack if self.on_trial() => self.journal.roll_back(BY_HAND),
            Request::RollBack if self.journal.is_harmless() => {
                self.now = false;
                self.journal.cancel(BY_HAND);
                self.disk.remove(&self.layout.downloads()).ok();
            }
            Request::RollBack if self.journal.take_back(BY_HAND) => {}
            Request::RollBack => return Err("there is no upgrade that could be taken back".to_owned()),
        }
        self.layout.save(self.disk.as_ref(), &self.journal).map_err(|error| error.to_string())?;
        self.tell_last();
        Ok(())
    }

    /// Whether the next [`Upgrader::turn`] may be dropped in the middle: it only waits for what comes from outside, for hours
    /// perhaps, and goes on from there.
    pub fn may_be_interrupted(&self) -> bool {
        matches!(self.journal.stage(), None | Some(Stage::Downloading))
    }

    /// What has to be told since the last call.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// What is written down.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What does not work now; empty when everything does.
    pub fn error(&self) -> &str {
        &self.error
    }

    async fn step(
        &mut self,
        wish: &Wish,
        source: Result<&Source, &str>,
        health: &Health,
    ) -> io::Result<Turn> {
        let Some((stage, plan)) = self.journal.active.clone() else {
            return self.idle(wish, source).await;
        };
        if self.journal.is_harmless() {
            if !self.wanted(wish, &plan) || plan.kind != self.installer.kind() {
                self.journal.abandon();
                self.save()?;
                return Ok(Turn::After(Duration::ZERO));
            }
            if self.journal.paused {
                return Ok(self.rest(PAUSED.to_owned()));
            }
            match source {
                Ok(source) if source.keys.trusts(&plan.signed_by) => {}
                Ok(_) => {
                    tracing::warn!("upgrade: the key that signed {} is not trusted any more", plan.version);
                    self.journal.abandon();
                    self.save()?;
                    return Ok(Turn::After(Duration::ZERO));
                }
                Err(reason) => return Ok(self.fail(reason.to_owned())),
            }
        } else if plan.kind != self.installer.kind() {
            let kind = plan.kind.name();
            return Ok(self.fail(format!(
                "an upgrade of kind {kind} is under way: set kind: {kind} in upgrader_factory of magmad.yml and restart \
                 magmad, until it has ended"
            )));
        }
        if let Some(at) = self.retry_at.filter(|at| *at > Instant::now()) {
            return Ok(Turn::After(at - Instant::now()));
        }
        match stage {
            Stage::Downloading => self.download(&plan, source).await,
            Stage::Verified => self.stage(&plan).await,
            Stage::Staged => self.begin_switch(&plan, health),
            Stage::Switching => self.switch(&plan, health).await,
            Stage::Trial => self.try_out(&plan, health).await,
            Stage::RollingBack => self.roll_back(&plan).await,
        }
    }

    /// Nothing is under way: is there something to begin?
    async fn idle(&mut self, wish: &Wish, source: Result<&Source, &str>) -> io::Result<Turn> {
        if wish.version.is_empty() {
            return Ok(self.rest(String::new()));
        }
        let version = match Version::parse(&wish.version) {
            Ok(version) if version.is_none() => return Ok(self.rest(String::new())),
            Ok(version) => version,
            Err(error) => return Ok(self.rest(error.to_string())),
        };
        if self.journal.asked_for(&version) {
            self.save()?;
        }
        if self.journal.paused {
            return Ok(self.rest(PAUSED.to_owned()));
        }
        let current = match self.installer.current(&self.journal, &self.running).await {
            Ok(current) => current,
            Err(error) => return Ok(self.fail(error.to_string())),
        };
        if let Some(reason) = self.reason_to_rest(wish, &version, &current) {
            return Ok(self.rest(reason));
        }
        if let Some(at) = self.retry_at.filter(|at| *at > Instant::now()) {
            return Ok(Turn::After(at - Instant::now()));
        }
        let source = match source {
            Ok(source) => source,
            Err(reason) => return Ok(self.rest(reason.to_owned())),
        };
        match self.plan(&version, &current, source).await {
            Ok(plan) => {
                if self.journal.kept.as_ref() != Some(&version) {
                    self.disk.remove(&self.layout.downloads()).ok();
                }
                self.notices.push(Notice::Started { from: current.to_string(), to: version });
                self.journal.begin(plan);
                self.save()?;
                self.retry_at = None;
                self.error.clear();
                Ok(Turn::After(Duration::ZERO))
            }
            Err(error) => self.failed(&version, error.into()),
        }
    }

    /// Why nothing is begun; none if something is.
    fn reason_to_rest(&self, wish: &Wish, version: &Version, current: &Version) -> Option<String> {
        if version == current || !(wish.enabled || self.now) {
            return Some(String::new());
        }
        if let Some((refused, reason)) = &self.journal.refused
            && refused == version
        {
            return Some(format!(
                "{version} is not tried again until another version was asked for: {reason}"
            ));
        }
        (version.age(current) == Ordering::Less && !wish.allow_downgrade).then(|| {
            format!(
                "{version} is older than {current}, which runs; if that is meant, set allow_downgrade in \
                 upgrader_factory of magmad.yml"
            )
        })
    }

    async fn plan(&self, version: &Version, current: &Version, source: &Source) -> Result<Plan, FetchError> {
        let kind = self.installer.kind();
        let arch = std::env::consts::ARCH;
        let (manifest, signed_by) = source.manifest(version).await?;
        let artefacts = manifest.select(kind, arch)?;
        let back = match kind {
            // The way back must be known before the first step.
            Kind::Deb => source.manifest(current).await?.0.select(kind, arch)?,
            Kind::Binary | Kind::Oci => Vec::new(),
        };
        Ok(Plan {
            version: version.clone(),
            from: current.clone(),
            kind,
            artefacts,
            back,
            slot: self.journal.free_slot(),
            before: self.journal.running.clone(),
            required: Vec::new(),
            starts: 0,
            reason: String::new(),
            packaged: String::new(),
            ordered: self.now,
            signed_by,
        })
    }

    async fn download(&mut self, plan: &Plan, source: Result<&Source, &str>) -> io::Result<Turn> {
        let source = match source {
            Ok(source) => source,
            Err(reason) => return Ok(self.fail(reason.to_owned())),
        };
        match self.installer.fetch(&self.disk, &self.layout, plan, source).await {
            Ok(()) => self.reach(Stage::Verified),
            Err(error) => self.failed(&plan.version, error),
        }
    }

    async fn stage(&mut self, plan: &Plan) -> io::Result<Turn> {
        match self.installer.stage(&self.disk, &self.layout, plan).await {
            Ok(()) => self.reach(Stage::Staged),
            // What was verified is gone, or does not fit: it is fetched again.
            Err(error) => {
                self.journal.reached(Stage::Downloading);
                self.save()?;
                self.failed(&plan.version, error)
            }
        }
    }

    /// A switch while the cloud cannot be reached would only be taken back again.
    fn begin_switch(&mut self, plan: &Plan, health: &Health) -> io::Result<Turn> {
        if health.check_ins == 0 {
            self.error = format!("{} is ready and waits for a check-in that the cloud takes", plan.version);
            return Ok(Turn::After(self.timings.look_every));
        }
        self.switches = 0;
        self.journal.switch(health.answering.iter().cloned().collect());
        self.save()?;
        self.error.clear();
        Ok(Turn::After(Duration::ZERO))
    }

    async fn switch(&mut self, plan: &Plan, health: &Health) -> io::Result<Turn> {
        match self.installer.switch(&self.disk, &self.layout, plan).await {
            Ok(()) => {
                self.check_ins_before = health.check_ins;
                self.trial_since = Some(Instant::now());
                self.reach(Stage::Trial)
            }
            Err(error) => {
                self.switches += 1;
                if self.switches < SWITCHES_MAX {
                    return Ok(self.fail(error.to_string()));
                }
                self.give_up(&error.to_string())
            }
        }
    }

    async fn try_out(&mut self, plan: &Plan, health: &Health) -> io::Result<Turn> {
        if plan.kind == Kind::Binary && self.running.slot != Some(plan.slot) {
            return Ok(Turn::Restart);
        }
        let since = *self.trial_since.get_or_insert_with(Instant::now);
        let checked_in = health.check_ins > self.check_ins_before;
        // What answered just before the switch may not have been asked since.
        let settled = since.elapsed() >= self.timings.settle;
        let Some(missing) = missing(plan, health, checked_in, settled) else {
            if let Err(error) = self.installer.commit(&self.disk, &self.layout, plan).await {
                tracing::warn!("what is left of {} could not be removed: {error}", plan.from);
            }
            self.journal.healthy(&self.running.packaged);
            self.now = false;
            self.error.clear();
            self.save()?;
            self.tell_last();
            return Ok(Turn::Rest);
        };
        if since.elapsed() < self.timings.window {
            self.error = format!("{} is on trial: {missing}", plan.version);
            return Ok(Turn::After(self.timings.look_every));
        }
        self.give_up(&format!("{missing} within {} s", self.timings.window.as_secs()))
    }

    fn give_up(&mut self, reason: &str) -> io::Result<Turn> {
        self.journal.roll_back(reason);
        self.retry_at = None;
        self.save()?;
        self.error = reason.to_owned();
        Ok(Turn::After(Duration::ZERO))
    }

    async fn roll_back(&mut self, plan: &Plan) -> io::Result<Turn> {
        if let Err(error) = self.installer.roll_back(&self.disk, &self.layout, plan).await {
            return Ok(self.fail(format!("cannot go back to {}: {error}", plan.from)));
        }
        self.journal.rolled_back();
        self.now = false;
        self.save()?;
        self.tell_last();
        // A program that is not the right one any more has to end.
        let right = self.journal.running.as_ref().map(|slot| slot.name);
        let wrong = plan.kind == Kind::Binary && self.running.slot != right;
        Ok(if wrong { Turn::Restart } else { Turn::After(Duration::ZERO) })
    }

    fn wanted(&self, wish: &Wish, plan: &Plan) -> bool {
        wish.version == plan.version.as_str() && (wish.enabled || plan.ordered || self.now)
    }

    fn on_trial(&self) -> bool {
        matches!(self.journal.stage(), Some(Stage::Switching | Stage::Trial))
    }

    fn reach(&mut self, stage: Stage) -> io::Result<Turn> {
        self.journal.reached(stage);
        self.save()?;
        self.retry_at = None;
        self.pauses.reset();
        self.error.clear();
        Ok(Turn::After(Duration::ZERO))
    }

    /// An attempt failed before anything changed. What may work later is tried later; the rest only a few times.
    fn failed(&mut self, version: &Version, error: InstallError) -> io::Result<Turn> {
        let InstallError { reason, lasting } = error;
        if lasting && self.journal.failed(version, &reason) {
            self.now = false;
            self.save()?;
            self.tell_last();
            return Ok(self.rest(reason));
        }
        if lasting {
            self.save()?;
        }
        Ok(self.fail(reason))
    }

    /// Something did not work, and is tried again later.
    fn fail(&mut self, reason: String) -> Turn {
        let pause = self.pauses.next();
        if self.error != reason {
            tracing::warn!("upgrade: {reason}; tried again in {} s", pause.as_secs());
        }
        self.error = reason;
        self.retry_at = Some(Instant::now() + pause);
        Turn::After(pause)
    }

    /// There is nothing to do. A request to do it at once is answered by that, and does not wait for another version.
    fn rest(&mut self, reason: String) -> Turn {
        self.now = false;
        if !reason.is_empty() && self.error != reason {
            tracing::warn!("upgrade: {reason}");
        }
        self.error = reason;
        Turn::Rest
    }

    fn tell_last(&mut self) {
        let Some(last) = self.journal.last.as_mut().filter(|last| !last.told) else { return };
        last.told = true;
        let (version, outcome, reason) = (last.version.clone(), last.outcome, last.reason.clone());
        self.notices.push(Notice::Ended { version, outcome, reason });
        // Told twice is better than never; so it is told even if this cannot be written.
        self.save().ok();
    }

    fn save(&self) -> io::Result<()> {
        self.layout.save(self.disk.as_ref(), &self.journal)
    }
}

/// What a new version still owes, in words.
fn missing(plan: &Plan, health: &Health, checked_in: bool, settled: bool) -> Option<String> {
    let silent: Vec<&str> =
        plan.required.iter().filter(|name| !health.answering.contains(*name)).map(String::as_str).collect();
    if !silent.is_empty() {
        return Some(format!("{} did not answer", silent.join(", ")));
    }
    match (checked_in, settled) {
        (false, _) => Some("no check-in succeeded".to_owned()),
        (true, false) => Some("it has not run for long enough".to_owned()),
        (true, true) => None,
    }
}
