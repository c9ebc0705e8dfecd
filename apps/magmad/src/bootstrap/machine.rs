//! When to ask the cloud for a certificate, and what to do when that fails: a pure state machine.
//!
//! It holds no socket, file, clock or key. The caller carries out each [`Action`], reports what came of it as an
//! [`Input`], and calls again at [`Machine::next_timeout`]. Every failure leads back to a scheduled retry, so there is
//! no state from which only a restart helps (Magma's own agent can park in BOOTSTRAPPING for ever).

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use super::failure::{Cause, Failure};

/// The intervals of the bootstrapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// How often the pair on disk is looked at. Magma: 1 hour.
    pub check: Duration,
    /// A certificate is renewed when less than this remains. Magma: 20 hours.
    pub renew_before: Duration,
    /// The pause after the first failure; it doubles from here.
    pub retry_first: Duration,
    /// The longest pause between attempts.
    pub retry_max: Duration,
    /// How long the cloud has for each of the two calls.
    pub call: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            check: Duration::from_secs(3600),
            renew_before: Duration::from_secs(20 * 3600),
            retry_first: Duration::from_secs(30),
            retry_max: Duration::from_secs(300),
            call: Duration::from_secs(30),
        }
    }
}

/// The span in which a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub not_before: SystemTime,
    /// The last moment.
    pub not_after: SystemTime,
}

impl Validity {
    /// How long before its end a certificate is renewed: a short-lived one in the last quarter of its life.
    fn margin(&self, renew_before: Duration) -> Duration {
        let lifetime = self.not_after.duration_since(self.not_before).unwrap_or_default();
        renew_before.min(lifetime / 4)
    }
}

/// What is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pair {
    /// A certificate and its key, for this gateway.
    Present(Validity),
    /// Nothing that can be used, and why: missing, unreadable, mismatched, for another gateway.
    Unusable(String),
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The time given by [`Machine::next_timeout`] has come.
    Timeout,
    /// The result of [`Action::Inspect`].
    Inspected(Pair),
    /// The result of [`Action::GetChallenge`].
    Challenged(Result<(), Failure>),
    /// The result of [`Action::RequestSign`].
    Signed(Result<(), Failure>),
    /// The result of [`Action::Store`].
    Stored(Result<Validity, Failure>),
    /// The cloud refused the certificate that is in use.
    CertificateRefused,
    /// The cloud's address, or a file that bootstrap reads, has changed.
    SettingsChanged,
}

/// What the caller is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Load the pair, answer [`Input::Inspected`].
    Inspect,
    /// Ask the cloud for a challenge, answer [`Input::Challenged`].
    GetChallenge,
    /// Make a key, answer the challenge and ask for a signature, answer [`Input::Signed`].
    RequestSign,
    /// Check the issued certificate and store it with its key, answer [`Input::Stored`].
    Store,
    /// Tell the rest of the program.
    Announce(Announcement),
}

/// What the rest of the program may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// The pair on disk can be used.
    Usable(Validity),
    /// A new certificate is being asked for, and why.
    Renewing(String),
    /// A new pair is on disk.
    Renewed(Validity),
    /// An attempt failed; the next one follows after the pause.
    Failed(Failure, Duration),
}

/// The bootstrapper's decisions.
#[derive(Debug)]
pub struct Machine {
    timings: Timings,
    jitter: fn(Duration) -> Duration,
    state: State,
    /// The cloud refused the present pair, so it is replaced whatever its dates say. Kept until a new one is stored.
    refused: bool,
    /// Attempts in a row that did not lead to a certificate which the cloud took without complaint until the next look
    /// at it; they make the pauses grow.
    attempts: u32,
    actions: VecDeque<Action>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting { until: Instant },
    Busy { step: Step, until: Instant },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Inspect,
    GetChallenge,
    RequestSign,
    Store,
}

impl Machine {
    /// A machine that looks at the pair at once. `jitter` spreads the pauses of a fleet.
    pub fn new(now: Instant, timings: Timings, jitter: fn(Duration) -> Duration) -> Self {
        let state = State::Waiting { until: now };
        Self { timings, jitter, state, refused: false, attempts: 0, actions: VecDeque::new() }
    }

    /// Takes in what has happened at `now`; `wall` is what this machine's clock says.
    ///
    /// An input that answers no running step, such as an answer after its deadline, changes nothing.
    pub fn handle(&mut self, now: Instant, wall: SystemTime, input: Input) {
        match input {
            Input::Timeout => self.timeout(now),
            Input::Inspected(pair) if self.is_in(Step::Inspect) => self.inspected(now, wall, pair),
            Input::Challenged(outcome) if self.is_in(Step::GetChallenge) => match outcome {
                Ok(()) => self.begin(now, Step::RequestSign),
                Err(failure) => self.fail(now, failure),
            },
            Input::Signed(outcome) if self.is_in(Step::RequestSign) => match outcome {
                Ok(()) => self.begin(now, Step::Store),
                Err(failure) => self.fail(now, failure),
            },
            Input::Stored(outcome) if self.is_in(Step::Store) => match outcome {
                Ok(validity) => self.renewed(now, wall, validity),
                Err(failure) => self.fail(now, failure),
            },
            Input::Inspected(_) | Input::Challenged(_) | Input::Signed(_) | Input::Stored(_) => {}
            Input::CertificateRefused => self.refused(now),
            Input::SettingsChanged => self.settings_changed(now),
        }
    }

    /// The next thing to do; to be called until there is none.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn next_timeout(&self) -> Instant {
        match self.state {
            State::Waiting { until } | State::Busy { until, .. } => until,
        }
    }

    /// Whether an answer is awaited; when not, calls still under way may be dropped.
    pub fn is_busy(&self) -> bool {
        matches!(self.state, State::Busy { .. })
    }

    fn is_in(&self, wanted: Step) -> bool {
        matches!(self.state, State::Busy { step, .. } if step == wanted)
    }

    fn begin(&mut self, now: Instant, step: Step) {
        self.state = State::Busy { step, until: now + self.timings.call };
        self.actions.push_back(match step {
            Step::Inspect => Action::Inspect,
            Step::GetChallenge => Action::GetChallenge,
            Step::RequestSign => Action::RequestSign,
            Step::Store => Action::Store,
        });
    }

    fn announce(&mut self, announcement: Announcement) {
        self.actions.push_back(Action::Announce(announcement));
    }

    fn timeout(&mut self, now: Instant) {
        if now < self.next_timeout() {
            return;
        }
        match self.state {
            State::Waiting { .. } => self.begin(now, Step::Inspect),
            State::Busy { step, .. } => self.fail(now, unanswered(step, self.timings.call)),
        }
    }

    fn inspected(&mut self, now: Instant, wall: SystemTime, pair: Pair) {
        if let Pair::Present(validity) = &pair
            && (validity.not_before..=validity.not_after).contains(&wall)
        {
            self.announce(Announcement::Usable(*validity));
        }
        match why_renew(&pair, wall, self.timings.renew_before) {
            Some(reason) => self.attempt(now, reason),
            None if self.refused => self.attempt(now, "the cloud refused the present one".to_owned()),
            None => {
                self.attempts = 0;
                self.wait_until_due(now, wall, pair);
            }
        }
    }

    /// Waits for the next look at a good pair: as usual, or as soon as it is to be renewed.
    fn wait_until_due(&mut self, now: Instant, wall: SystemTime, pair: Pair) {
        let left = match pair {
            Pair::Present(validity) => {
                let due = validity.not_after - validity.margin(self.timings.renew_before);
                due.duration_since(wall).unwrap_or_default()
            }
            Pair::Unusable(_) => Duration::ZERO,
        };
        let pause = (left + Duration::from_secs(1)).min(self.timings.check);
        self.state = State::Waiting { until: now + pause };
    }

    fn attempt(&mut self, now: Instant, reason: String) {
        self.attempts = self.attempts.saturating_add(1);
        self.announce(Announcement::Renewing(reason));
        self.begin(now, Step::GetChallenge);
    }

    fn renewed(&mut self, now: Instant, wall: SystemTime, validity: Validity) {
        if !std::mem::take(&mut self.refused) {
            self.attempts = 1;
        }
        self.wait_until_due(now, wall, Pair::Present(validity));
        self.announce(Announcement::Renewed(validity));
    }

    fn fail(&mut self, now: Instant, failure: Failure) {
        let pause = self.pause();
        self.state = State::Waiting { until: now + pause };
        self.announce(Announcement::Failed(failure, pause));
    }

    /// A refusal is acted on at once the first time; one that follows a renewal which did not help waits, so that a
    /// gateway that the cloud does not want does not ask for certificate after certificate.
    fn refused(&mut self, now: Instant) {
        let already_known = std::mem::replace(&mut self.refused, true);
        if let State::Waiting { until } = self.state
            && !already_known
        {
            let pause = if self.attempts == 0 { Duration::ZERO } else { self.pause() };
            self.state = State::Waiting { until: until.min(now + pause) };
        }
    }

    /// Whatever is under way is under way with the old settings, so it is given up.
    fn settings_changed(&mut self, now: Instant) {
        self.attempts = 0;
        self.state = State::Waiting { until: now };
    }

    fn pause(&self) -> Duration {
        let doublings = self.attempts.saturating_sub(1).min(16);
        let pause = self.timings.retry_first.saturating_mul(1 << doublings).min(self.timings.retry_max);
        (self.jitter)(pause)
    }
}

/// Why a pair must be replaced now, if it must.
fn why_renew(pair: &Pair, wall: SystemTime, renew_before: Duration) -> Option<String> {
    let validity = match pair {
        Pair::Present(validity) => validity,
        Pair::Unusable(reason) => return Some(reason.clone()),
    };
    if wall < validity.not_before {
        return Some("the present one is not valid yet".to_owned());
    }
    let Ok(left) = validity.not_after.duration_since(wall) else {
        return Some("the present one has expired".to_owned());
    };
    (left < validity.margin(renew_before)).then(|| format!("the present one expires in {}", hours(left)))
}

fn hours(left: Duration) -> String {
    let minutes = left.as_secs() / 60;
    format!("{} h {} min", minutes / 60, minutes % 60)
}

fn unanswered(step: Step, limit: Duration) -> Failure {
    let (cause, what) = match step {
        Step::GetChallenge => (Cause::GetChallenge, "the cloud did not answer GetChallenge"),
        Step::RequestSign => (Cause::RequestSign, "the cloud did not answer RequestSign"),
        Step::Inspect => (Cause::Inspect, "the certificate files could not be read"),
        Step::Store => (Cause::Store("TimedOut"), "the certificate could not be stored"),
    };
    Failure::new(cause, format!("{what} within {} s", limit.as_secs_f32()))
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
