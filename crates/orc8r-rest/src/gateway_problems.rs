//! What is wrong with a gateway, since when, and of which kind: purely, from what is known of its network.
//!
//! A change is no problem by itself: gateways have time to follow it. And what a gateway does not report is not known,
//! which is no problem either.

use crate::clock::unix_milliseconds;
use crate::configuration_state::could_concern;
use crate::gateway_report::GatewayReport;
use crate::gateway_summaries::CHECKIN_INTERVAL;
use orc8r_model::checked_in_recently;
use orc8r_store::GatewayRecord;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A certificate that ends within so many seconds was not renewed in time: agents begin 20 hours before its end.
const CERTIFICATE_SECONDS_LOW: i64 = 12 * 3600;

/// A gateway has so many check-ins, and at least so many milliseconds, to apply a change of its configuration.
const CONFIGURATION_CHECKINS: u64 = 10;
const CONFIGURATION_GRACE_MS: u64 = 10 * 60 * 1000;

/// It has so many milliseconds to reach another version: it asks for one every five minutes or so, downloads it, and
/// tries it.
const UPGRADE_GRACE_MS: u64 = 60 * 60 * 1000;

/// What a tier says that upgrades nothing.
const NO_VERSION: &str = "0.0.0";

/// What kind of problem it is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProblemKind {
    /// It has never come.
    New,
    /// It does not check in any more.
    Silent,
    /// Its certificate ends soon or has ended.
    Certificate,
    /// It has not the version of its tier.
    Upgrade,
    /// It has not the configuration that it is to have.
    Configuration,
}

impl ProblemKind {
    pub(crate) const NAMES: &'static [&'static str] =
        &["new", "silent", "certificate", "upgrade", "configuration"];
}

/// Something that is wrong with a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    /// In words.
    pub(crate) reason: String,
    /// Milliseconds since 1970; 0: it is not known.
    pub(crate) since: u64,
}

/// A gateway with its report, read once.
pub(crate) struct Gateway {
    pub(crate) record: GatewayRecord,
    pub(crate) report: GatewayReport,
}

/// What is known of a network at a moment.
pub(crate) struct Knowledge {
    /// Milliseconds since 1970.
    pub(crate) now_ms: u64,
    /// The newest changes, the newest first: when, in milliseconds since 1970, and at which path.
    pub(crate) changes: Vec<(u64, String)>,
    /// Whether older ones are not among them.
    pub(crate) has_more_changes: bool,
    /// The version of each tier.
    pub(crate) tiers: BTreeMap<String, String>,
    /// The digests of the configurations that gateways are to have, by hardware id.
    pub(crate) digests: BTreeMap<String, String>,
}

impl Gateway {
    pub(crate) fn of(record: GatewayRecord) -> Self {
        let report = record.status.as_ref().map(GatewayReport::of).unwrap_or_default();
        Self { record, report }
    }

    pub(crate) fn id(&self) -> &str {
        &self.record.entity.id.key
    }

    pub(crate) fn hardware_id(&self) -> &str {
        self.record.entity.physical_id.as_deref().unwrap_or_default()
    }

    fn magmad(&self, name: &str) -> &Value {
        self.record.entity.config.as_ref().map_or(&Value::Null, |config| &config[name])
    }

    fn checkin_time(&self) -> u64 {
        self.record.status.as_ref().map_or(0, |report| report.time_ms)
    }

    fn checkin_interval(&self) -> u32 {
        let interval = self.magmad("checkin_interval").as_u64();
        let interval = interval.and_then(|seconds| u32::try_from(seconds).ok());
        interval.filter(|seconds| *seconds > 0).unwrap_or(CHECKIN_INTERVAL)
    }

    fn is_here(&self, now_ms: u64) -> bool {
        self.record.device.is_some()
            && checked_in_recently(self.checkin_time(), self.checkin_interval(), now_ms)
    }
}

impl Knowledge {
    /// What is known before digests are.
    pub(crate) fn now(changes: Vec<(u64, String)>, count_max: u32, tiers: BTreeMap<String, String>) -> Self {
        let has_more_changes = changes.len() >= count_max as usize;
        Self { now_ms: unix_milliseconds(), changes, has_more_changes, tiers, digests: BTreeMap::new() }
    }

    /// Everything that is wrong with a gateway, the worst first.
    pub(crate) fn problems(&self, gateway: &Gateway) -> Vec<Problem> {
        let all = [
            self.absence(gateway),
            self.certificate(gateway),
            self.upgrade(gateway),
            self.configuration(gateway),
        ];
        all.into_iter().flatten().collect()
    }

    fn absence(&self, gateway: &Gateway) -> Option<Problem> {
        let since = gateway.checkin_time();
        let (kind, reason) = match (&gateway.record.device, &gateway.record.status) {
            (None, _) => (ProblemKind::New, "no device has registered for it"),
            (_, None) => (ProblemKind::New, "it has not checked in yet"),
            _ if gateway.is_here(self.now_ms) => return None,
            _ => (ProblemKind::Silent, "it has stopped checking in"),
        };
        Some(Problem { kind, reason: reason.to_owned(), since })
    }

    fn certificate(&self, gateway: &Gateway) -> Option<Problem> {
        let end = gateway.record.certificate_end;
        let now = i64::try_from(self.now_ms / 1000).unwrap_or(i64::MAX);
        let has_one = gateway.record.device.is_some() && end > 0;
        let reason = match end - now {
            ..=0 => "its certificate has expired",
            left if left < CERTIFICATE_SECONDS_LOW => "its certificate expires soon",
            _ => return None,
        };
        let since = u64::try_from(end - CERTIFICATE_SECONDS_LOW).unwrap_or_default() * 1000;
        let problem = Problem { kind: ProblemKind::Certificate, reason: reason.to_owned(), since };
        has_one.then_some(problem)
    }

    fn upgrade(&self, gateway: &Gateway) -> Option<Problem> {
        let tier = gateway.record.entity.tier()?;
        let wanted = self.tiers.get(tier).filter(|version| plain(version) != NO_VERSION)?;
        let reported = gateway.report.version();
        let is_tried = plain(gateway.report.meta("upgrade_target")) == plain(wanted);
        let state = gateway.report.meta("upgrade_state");
        let since = self.changed(|path| could_concern_version(path, tier, gateway.id()));
        let problem = |reason| Some(Problem { kind: ProblemKind::Upgrade, reason, since });
        if !gateway.is_here(self.now_ms) || plain(reported) == plain(wanted) {
            return None;
        }
        let error = gateway.report.meta("upgrade_error");
        let error = if error.is_empty() { String::new() } else { format!(": {error}") };
        match state {
            "failed" if is_tried => return problem(format!("its upgrade to {wanted} failed{error}")),
            "rolled_back" if is_tried => {
                return problem(format!("its upgrade to {wanted} was taken back{error}"));
            }
            "healthy" if is_tried => return None,
            _ => {}
        }
        let is_asked_to = gateway.magmad("autoupgrade_enabled") == &Value::Bool(true);
        let is_late = self.now_ms.saturating_sub(since) >= UPGRADE_GRACE_MS;
        if reported.is_empty() || !is_asked_to || !is_late {
            return None;
        }
        problem(format!("it has version {reported} and not {wanted}, that of its tier{error}"))
    }

    /// Whether the configuration of a gateway has to be looked at: it says what it has, and has had time for the newest
    /// change, which is newer.
    pub(crate) fn may_wait(&self, gateway: &Gateway) -> bool {
        let since = self.configured(gateway);
        let checkins = CONFIGURATION_CHECKINS * 1000 * u64::from(gateway.checkin_interval());
        let is_late = self.now_ms.saturating_sub(since) >= checkins.max(CONFIGURATION_GRACE_MS);
        let is_newer = since > 0 && gateway.report.configuration_made().saturating_mul(1000) > since;
        gateway.is_here(self.now_ms)
            && gateway.report.configuration_digest().is_some()
            && is_late
            && !is_newer
    }

    fn configuration(&self, gateway: &Gateway) -> Option<Problem> {
        let wanted = self.digests.get(gateway.hardware_id())?;
        let is_wrong =
            self.may_wait(gateway) && gateway.report.configuration_digest() != Some(wanted.as_str());
        let reason = "it has not applied its configuration".to_owned();
        is_wrong.then(|| Problem {
            kind: ProblemKind::Configuration,
            reason,
            since: self.configured(gateway),
        })
    }

    fn configured(&self, gateway: &Gateway) -> u64 {
        self.changed(|path| could_concern(path, gateway.id()))
    }

    /// The newest change that could concern something, in milliseconds since 1970; 0: none is known. Where all that
    /// are known concern others, it is older than each of them.
    fn changed(&self, concerns: impl Fn(&str) -> bool) -> u64 {
        let newest = self.changes.iter().find(|(_, path)| concerns(path));
        let newest = newest.or(self.changes.last().filter(|_| self.has_more_changes));
        newest.map_or(0, |(time, _)| *time)
    }
}

/// A version without an iteration of 0, which may be left out.
fn plain(version: &str) -> &str {
    version.strip_suffix("-0").unwrap_or(version)
}

/// Whether a change at a path of the API could ask another version of a gateway.
fn could_concern_version(path: &str, tier: &str, gateway: &str) -> bool {
    let mut parts = path.split('/').skip_while(|part| *part != "tiers").skip(1);
    let of_tier = parts.next().is_some_and(|changed| changed == tier);
    of_tier || path.contains("/gateways") && could_concern(path, gateway)
}
