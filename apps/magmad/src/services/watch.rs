//! What is known about each service from asking it every ten seconds; pure state, no I/O and no clock.
//!
//! Besides the services' own words (their `meta`), this holds who does not answer, and tells a restart that somebody
//! ordered from one that nobody did.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use wire_orc8r::orc8r::ServiceInfo;

/// How long after an ordered restart a service may show a new start time. Magma's restart buffer.
pub(super) const RESTART_BUFFER: Duration = Duration::from_secs(30);

/// After so many failed polls in a row (a minute), what the service said before is no longer reported.
///
/// Deviation: Magma reports a dead service's last words for ever.
const STALE_AFTER_FAILURES: u32 = 6;

/// What a service's answer showed about its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// It is the same process as before, or the first one seen.
    None,
    /// It was restarted because somebody ordered it.
    Expected,
    /// It was restarted and nobody ordered it.
    Unexpected,
}

/// The services of a gateway as they were last seen.
#[derive(Debug, Default)]
pub struct ServiceWatch {
    services: BTreeMap<String, Watched>,
    linked: Vec<BTreeSet<String>>,
    watchdog: BTreeSet<String>,
    failures_before_restart: u32,
}

#[derive(Debug, Default)]
struct Watched {
    start_time_secs: Option<u64>,
    meta: BTreeMap<String, String>,
    failures_in_a_row: u32,
    restart_expected_until: Option<Instant>,
}

impl ServiceWatch {
    /// Nothing seen yet. `linked` are groups that restart together (`linked_services`); `watchdog` are the services
    /// that are restarted after `failures_before_restart` failed polls in a row (`services_to_restart`,
    /// `restart_timeout_threshold`).
    pub fn new(linked: &[Vec<String>], watchdog: &[String], failures_before_restart: u32) -> Self {
        Self {
            services: BTreeMap::new(),
            linked: linked.iter().map(|group| group.iter().cloned().collect()).collect(),
            watchdog: watchdog.iter().cloned().collect(),
            failures_before_restart: failures_before_restart.max(1),
        }
    }

    /// A service answered.
    ///
    /// Deviation: Magma does not count a restart within 30 s of the one before, so a service that crashes every few
    /// seconds looks well; here each new start time that nobody ordered counts.
    pub fn answered(&mut self, service: &str, info: ServiceInfo, now: Instant) -> Restart {
        let watched = self.services.entry(service.to_owned()).or_default();
        watched.failures_in_a_row = 0;
        watched.meta = info.status.map(|status| status.meta).unwrap_or_default();
        let before = watched.start_time_secs.replace(info.start_time_secs);
        if before.is_none_or(|before| before == info.start_time_secs) {
            return Restart::None;
        }
        match watched.restart_expected_until.take() {
            Some(until) if now <= until => Restart::Expected,
            _ => Restart::Unexpected,
        }
    }

    /// A service did not answer in time, or with an error. Returns how many times in a row by now.
    pub fn failed(&mut self, service: &str) -> u32 {
        let watched = self.services.entry(service.to_owned()).or_default();
        watched.failures_in_a_row = watched.failures_in_a_row.saturating_add(1);
        if watched.failures_in_a_row >= STALE_AFTER_FAILURES {
            watched.meta.clear();
        }
        watched.failures_in_a_row
    }

    /// Somebody ordered a restart of `services`: they, and those linked with them, may come up anew once until then.
    pub fn expect_restart(&mut self, services: &[String], until: Instant) {
        for service in self.with_linked(services) {
            self.services.entry(service).or_default().restart_expected_until = Some(until);
        }
    }

    /// The services that have to be restarted because they did not answer for too long. Each is counted from zero
    /// again, and its restart is expected until `until`.
    pub fn take_silent(&mut self, until: Instant) -> Vec<String> {
        let threshold = self.failures_before_restart;
        let silent: Vec<String> = self
            .watchdog
            .iter()
            .filter(|service| {
                self.services.get(*service).is_some_and(|watched| watched.failures_in_a_row >= threshold)
            })
            .cloned()
            .collect();
        for service in &silent {
            self.services.entry(service.clone()).or_default().failures_in_a_row = 0;
        }
        self.expect_restart(&silent, until);
        silent
    }

    /// The services' own facts in one map; of two services that name the same fact, the later name wins.
    pub fn meta(&self) -> BTreeMap<String, String> {
        self.services.values().flat_map(|watched| watched.meta.clone()).collect()
    }

    /// The services that have facts to tell (`skip_checkin_if_missing_meta_services` waits for some).
    pub fn with_meta(&self) -> BTreeSet<String> {
        let told = self.services.iter().filter(|(_, watched)| !watched.meta.is_empty());
        told.map(|(name, _)| name.clone()).collect()
    }

    /// The services that answered when they were asked last.
    pub fn answering(&self) -> BTreeSet<String> {
        let answered =
            |watched: &Watched| watched.failures_in_a_row == 0 && watched.start_time_secs.is_some();
        let answering = self.services.iter().filter(|(_, watched)| answered(watched));
        answering.map(|(name, _)| name.clone()).collect()
    }

    /// Failed polls in a row of the services that do not answer now.
    pub fn failures(&self) -> BTreeMap<String, u32> {
        let failing = self.services.iter().filter(|(_, watched)| watched.failures_in_a_row > 0);
        failing.map(|(name, watched)| (name.clone(), watched.failures_in_a_row)).collect()
    }

    /// Forgets all services but these.
    pub fn keep(&mut self, services: &BTreeSet<String>) {
        self.services.retain(|name, _| services.contains(name));
    }

    fn with_linked(&self, services: &[String]) -> BTreeSet<String> {
        let ordered: BTreeSet<String> = services.iter().cloned().collect();
        let linked = self.linked.iter().filter(|group| !group.is_disjoint(&ordered)).flatten().cloned();
        linked.chain(ordered.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_orc8r::orc8r::ServiceStatus;

    fn info(start_time_secs: u64, meta: &[(&str, &str)]) -> ServiceInfo {
        let meta = meta.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        ServiceInfo { start_time_secs, status: Some(ServiceStatus { meta }), ..Default::default() }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_restart_counts_unless_somebody_ordered_it() {
        // (what happens at which second: an order until, or an answer with a start time and what it shows)
        enum Step {
            Order(&'static str, u64),
            Answer(u64, u64, Restart),
        }
        use Step::{Answer, Order};
        let rows: [(&str, &[Step]); 7] = [
            (
                "the first answer is no restart",
                &[Answer(0, 100, Restart::None), Answer(10, 100, Restart::None)],
            ),
            (
                "a new start time is one",
                &[Answer(0, 100, Restart::None), Answer(10, 108, Restart::Unexpected)],
            ),
            (
                "each of several in quick succession is one",
                &[
                    Answer(0, 100, Restart::None),
                    Answer(10, 108, Restart::Unexpected),
                    Answer(20, 118, Restart::Unexpected),
                    Answer(30, 118, Restart::None),
                ],
            ),
            (
                "an ordered one is expected",
                &[Answer(0, 100, Restart::None), Order("mme", 40), Answer(20, 112, Restart::Expected)],
            ),
            (
                "an order covers one restart",
                &[
                    Answer(0, 100, Restart::None),
                    Order("mme", 40),
                    Answer(20, 112, Restart::Expected),
                    Answer(30, 128, Restart::Unexpected),
                ],
            ),
            (
                "an order does not last",
                &[Answer(0, 100, Restart::None), Order("mme", 40), Answer(50, 148, Restart::Unexpected)],
            ),
            (
                "an order for a linked service covers this one",
                &[Answer(0, 100, Restart::None), Order("sessiond", 40), Answer(10, 112, Restart::Expected)],
            ),
        ];
        let start = Instant::now();
        for (name, steps) in rows {
            let mut watch = ServiceWatch::new(&[names(&["mme", "sessiond"])], &[], 15);
            for step in steps {
                match step {
                    Order(service, until) => watch.expect_restart(&names(&[service]), after(start, *until)),
                    Answer(at, start_time, expected) => {
                        let seen = watch.answered("mme", info(*start_time, &[]), after(start, *at));
                        assert_eq!(seen, *expected, "{name}, second {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn an_order_for_another_service_covers_nothing() {
        let (mut watch, start) = (ServiceWatch::new(&[names(&["mme", "sessiond"])], &[], 15), Instant::now());
        watch.answered("enodebd", info(100, &[]), start);
        watch.expect_restart(&names(&["mme"]), after(start, 40));
        assert_eq!(watch.answered("enodebd", info(110, &[]), start), Restart::Unexpected);
    }

    #[test]
    fn meta_is_merged_in_the_order_of_names() {
        let (mut watch, now) = (ServiceWatch::default(), Instant::now());
        watch.answered("z", info(1, &[("shared", "of z"), ("z", "1")]), now);
        watch.answered("a", info(1, &[("shared", "of a"), ("a", "1")]), now);
        watch.answered("quiet", info(1, &[]), now);
        let meta: Vec<_> = watch.meta().into_iter().collect();
        let expected = [("a", "1"), ("shared", "of z"), ("z", "1")];
        assert_eq!(meta, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(watch.with_meta(), names(&["a", "z"]).into_iter().collect());
    }

    #[test]
    fn a_dead_services_facts_are_dropped_after_a_minute() {
        let (mut watch, now) = (ServiceWatch::default(), Instant::now());
        watch.expect_restart(&names(&["mme"]), now);
        watch.answered("enodebd", info(1, &[("enodeb_connected", "1")]), now);
        assert_eq!(watch.answering(), names(&["enodebd"]).into_iter().collect(), "mme has not answered yet");
        for failures in 1..STALE_AFTER_FAILURES {
            assert_eq!(watch.failed("enodebd"), failures);
            assert_eq!(watch.meta().len(), 1);
        }
        watch.failed("enodebd");
        assert!(watch.meta().is_empty() && watch.answering().is_empty());
        assert_eq!(watch.failures()["enodebd"], STALE_AFTER_FAILURES);
        watch.answered("enodebd", info(1, &[("enodeb_connected", "1")]), now);
        assert!(watch.failures().is_empty() && watch.meta().len() == 1);
    }

    #[test]
    fn the_watchdog_takes_only_its_services_and_only_once() {
        let (mut watch, now) =
            (ServiceWatch::new(&[], &names(&["pipelined", "never_seen"]), 3), Instant::now());
        for round in 1..=3 {
            assert!(watch.take_silent(now).is_empty(), "round {round}");
            watch.failed("pipelined");
            watch.failed("mme");
        }
        assert_eq!(watch.take_silent(after(now, 60)), ["pipelined"]);
        assert!(watch.take_silent(after(now, 60)).is_empty());
        watch.failed("pipelined");
        watch.answered("pipelined", info(1, &[]), now);
        for _ in 0..2 {
            watch.failed("pipelined");
        }
        assert!(watch.take_silent(now).is_empty(), "an answer in between counts from zero");
    }

    #[test]
    fn services_that_are_gone_are_forgotten() {
        let (mut watch, now) = (ServiceWatch::default(), Instant::now());
        watch.answered("redirectd", info(1, &[("x", "y")]), now);
        watch.keep(&names(&["mme"]).into_iter().collect());
        assert!(watch.meta().is_empty());
    }
}
