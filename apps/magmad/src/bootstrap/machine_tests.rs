//! The bootstrap machine's decisions, in virtual time.

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// How a step reports a failure.
type Report = fn(Failure) -> Input;

struct Bench {
    machine: Machine,
    now: Instant,
    wall: SystemTime,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Self { machine: Machine::new(now, Timings::default(), |pause| pause), now, wall }
    }

    /// Lets time pass up to the next timeout, and returns how long that took.
    fn sleep(&mut self) -> Duration {
        let slept = self.machine.next_timeout().saturating_duration_since(self.now);
        self.now += slept;
        self.wall += slept;
        self.input(Input::Timeout);
        slept
    }

    fn input(&mut self, input: Input) {
        self.machine.handle(self.now, self.wall, input);
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.machine.poll_action()).collect()
    }

    /// A pair issued `age` ago with `left` to live.
    fn pair(&self, age: Duration, left: Duration) -> Pair {
        Pair::Present(Validity { not_before: self.wall - age, not_after: self.wall + left })
    }

    /// Runs from the inspection of a missing pair to the named step.
    fn run_to(&mut self, step: Step) {
        self.sleep();
        self.input(Input::Inspected(Pair::Unusable("the certificate is missing".into())));
        if step == Step::GetChallenge {
            return;
        }
        self.input(Input::Challenged(Ok(())));
        if step == Step::RequestSign {
            return;
        }
        self.input(Input::Signed(Ok(())));
    }

    fn renew(&mut self) -> Validity {
        let validity = Validity { not_before: self.wall - HOUR, not_after: self.wall + 4 * DAY };
        self.input(Input::Challenged(Ok(())));
        self.input(Input::Signed(Ok(())));
        self.input(Input::Stored(Ok(validity)));
        validity
    }

    fn good_pair(&self) -> Pair {
        self.pair(HOUR, 4 * DAY)
    }
}

fn failure(cause: Cause) -> Failure {
    Failure::new(cause, "it broke")
}

#[test]
fn a_pair_is_renewed_exactly_when_it_must_be() {
    let rows = [
        ("fresh", DAY, 3 * DAY, false),
        ("just above 20 hours left", 3 * DAY, 20 * HOUR + Duration::from_secs(1), false),
        ("below 20 hours left", 3 * DAY, 20 * HOUR - Duration::from_secs(1), true),
        ("short-lived, above a quarter left", 2 * HOUR, HOUR, false),
        ("short-lived, below a quarter left", 4 * HOUR, HOUR, true),
    ];
    for (name, age, left, renewed) in rows {
        let mut bench = Bench::new();
        bench.sleep();
        assert_eq!(bench.actions(), [Action::Inspect], "{name}");
        bench.input(Input::Inspected(bench.pair(age, left)));
        let actions = bench.actions();
        assert!(
            matches!(actions[0], Action::Announce(Announcement::Usable(_))),
            "{name}: valid pairs are used"
        );
        assert_eq!(actions.contains(&Action::GetChallenge), renewed, "{name}");
        if !renewed {
            let slept = bench.sleep();
            assert!(slept <= HOUR, "{name}: looked at again after an hour at the latest");
            bench.actions();
            bench.input(Input::Inspected(bench.pair(age + slept, left - slept)));
        }
    }
}

#[test]
fn a_pair_outside_its_dates_or_unusable_is_replaced_and_never_used() {
    let bench = Bench::new();
    let not_yet = Pair::Present(Validity { not_before: bench.wall + HOUR, not_after: bench.wall + DAY });
    let expired = Pair::Present(Validity { not_before: bench.wall - DAY, not_after: bench.wall - HOUR });
    let rows = [
        (not_yet, "not valid yet"),
        (expired, "has expired"),
        (Pair::Unusable("the key is not the certificate's".into()), "the key is not the certificate's"),
    ];
    for (pair, reason) in rows {
        let mut bench = Bench::new();
        bench.sleep();
        bench.input(Input::Inspected(pair));
        let actions = bench.actions();
        assert_eq!(actions.last(), Some(&Action::GetChallenge), "{reason}");
        let Action::Announce(Announcement::Renewing(said)) = &actions[1] else { panic!("{actions:?}") };
        assert!(said.contains(reason), "{said}");
        assert!(!actions.iter().any(|a| matches!(a, Action::Announce(Announcement::Usable(_)))), "{reason}");
    }
}

#[test]
fn the_whole_way_ends_in_a_new_pair_and_an_hourly_check() {
    let mut bench = Bench::new();
    bench.run_to(Step::Store);
    let actions = bench.actions();
    assert_eq!(actions[0], Action::Inspect);
    assert_eq!(actions[2..], [Action::GetChallenge, Action::RequestSign, Action::Store]);
    let validity = Validity { not_before: bench.wall - HOUR, not_after: bench.wall + 4 * DAY };
    bench.input(Input::Stored(Ok(validity)));
    assert_eq!(bench.actions(), [Action::Announce(Announcement::Renewed(validity))]);
    assert!(!bench.machine.is_busy());
    assert_eq!(bench.sleep(), HOUR);
    assert_eq!(bench.actions(), [Action::Inspect]);
}

#[test]
fn every_failure_leads_to_a_retry() {
    let rows: [(Step, Report, Cause); 5] = [
        (Step::GetChallenge, |f| Input::Challenged(Err(f)), Cause::GetChallenge),
        (Step::RequestSign, |f| Input::Signed(Err(f)), Cause::Answer),
        (Step::RequestSign, |f| Input::Signed(Err(f)), Cause::RequestSign),
        (Step::Store, |f| Input::Stored(Err(f)), Cause::InvalidCertificate),
        (Step::Store, |f| Input::Stored(Err(f)), Cause::Store("StorageFull")),
    ];
    for (step, input, cause) in rows {
        let mut bench = Bench::new();
        bench.run_to(step);
        bench.actions();
        bench.input(input(failure(cause)));
        let pause = Timings::default().retry_first;
        assert_eq!(bench.actions(), [Action::Announce(Announcement::Failed(failure(cause), pause))]);
        assert!(!bench.machine.is_busy(), "{cause:?}");
        assert_eq!(bench.sleep(), pause, "{cause:?}");
        assert_eq!(bench.actions(), [Action::Inspect], "{cause:?}");
    }
}

#[test]
fn a_cloud_that_never_answers_is_a_failure_like_any_other() {
    for (step, cause) in [(Step::GetChallenge, Cause::GetChallenge), (Step::RequestSign, Cause::RequestSign)]
    {
        let mut bench = Bench::new();
        bench.run_to(step);
        bench.actions();
        assert_eq!(bench.sleep(), Timings::default().call);
        let actions = bench.actions();
        let [Action::Announce(Announcement::Failed(failure, _))] = &actions[..] else {
            panic!("{actions:?}")
        };
        assert_eq!(failure.cause, cause);
        assert!(failure.message.contains("within 30 s"), "{failure}");
        bench.input(Input::Challenged(Ok(())));
        bench.input(Input::Signed(Ok(())));
        assert_eq!(bench.actions(), [], "an answer after the deadline changes nothing");
    }
}

#[test]
fn pauses_double_to_five_minutes() {
    let mut bench = Bench::new();
    let mut pauses = Vec::new();
    for _ in 0..6 {
        bench.run_to(Step::GetChallenge);
        bench.input(Input::Challenged(Err(failure(Cause::GetChallenge))));
        pauses.push(bench.machine.next_timeout().duration_since(bench.now).as_secs());
    }
    assert_eq!(pauses, [30, 60, 120, 240, 300, 300]);
}

#[test]
fn a_refused_certificate_is_replaced_at_once_although_its_dates_are_good() {
    let mut bench = Bench::new();
    bench.sleep();
    bench.input(Input::Inspected(bench.good_pair()));
    bench.actions();
    bench.input(Input::CertificateRefused);
    assert_eq!(bench.sleep(), Duration::ZERO);
    bench.input(Input::Inspected(bench.good_pair()));
    assert_eq!(bench.actions().last(), Some(&Action::GetChallenge));
    bench.renew();
    assert_eq!(bench.sleep(), HOUR, "one new certificate, not a second one");
}

#[test]
fn a_refusal_while_busy_is_remembered_until_a_new_pair_is_stored() {
    let mut bench = Bench::new();
    bench.sleep();
    bench.input(Input::CertificateRefused);
    bench.input(Input::Inspected(bench.good_pair()));
    assert_eq!(bench.actions().last(), Some(&Action::GetChallenge), "refused while the pair was looked at");

    bench.input(Input::CertificateRefused);
    bench.input(Input::Challenged(Err(failure(Cause::GetChallenge))));
    bench.sleep();
    bench.input(Input::Inspected(bench.good_pair()));
    assert_eq!(bench.actions().last(), Some(&Action::GetChallenge), "still wanted after a failed attempt");

    bench.renew();
    bench.sleep();
    bench.actions();
    bench.input(Input::Inspected(bench.good_pair()));
    assert!(!bench.actions().contains(&Action::GetChallenge), "served by the new pair");
}

#[test]
fn a_cloud_that_refuses_every_new_certificate_is_asked_ever_less_often() {
    let mut bench = Bench::new();
    bench.sleep();
    bench.input(Input::Inspected(bench.good_pair()));
    let mut pauses = Vec::new();
    for _ in 0..5 {
        bench.input(Input::CertificateRefused);
        bench.input(Input::CertificateRefused);
        pauses.push(bench.sleep().as_secs());
        bench.input(Input::Inspected(bench.good_pair()));
        bench.renew();
    }
    assert_eq!(pauses, [0, 30, 60, 120, 240]);

    bench.sleep();
    bench.input(Input::Inspected(bench.good_pair()));
    bench.input(Input::CertificateRefused);
    assert_eq!(bench.sleep(), Duration::ZERO, "an hour without a refusal forgets what was before");
}

#[test]
fn a_good_pair_is_looked_at_every_hour_and_when_it_is_to_be_renewed() {
    let minute = Duration::from_secs(60);
    let rows = [
        ("long-lived", DAY, 3 * DAY, HOUR),
        ("20 hours and a half left", 3 * DAY, 20 * HOUR + 30 * minute, 30 * minute),
        ("an hour to live", Duration::ZERO, HOUR, 45 * minute),
    ];
    for (name, age, left, expected) in rows {
        let mut bench = Bench::new();
        bench.sleep();
        bench.input(Input::Inspected(bench.pair(age, left)));
        let slept = bench.sleep();
        assert!(slept >= expected && slept <= expected + Duration::from_secs(1), "{name}: {slept:?}");
        bench.actions();
        bench.input(Input::Inspected(bench.pair(age + slept, left - slept)));
        assert_eq!(bench.actions().contains(&Action::GetChallenge), expected < HOUR, "{name}");
    }
}

#[test]
fn changed_settings_give_up_what_is_under_way() {
    let mut bench = Bench::new();
    bench.run_to(Step::RequestSign);
    bench.actions();
    bench.input(Input::SettingsChanged);
    assert!(!bench.machine.is_busy());
    bench.input(Input::Signed(Ok(())));
    assert_eq!(bench.actions(), [], "the answer of the former cloud counts no more");
    assert_eq!(bench.sleep(), Duration::ZERO);
    assert_eq!(bench.actions(), [Action::Inspect]);
}

#[test]
fn changed_settings_end_a_pause() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        bench.run_to(Step::GetChallenge);
        bench.input(Input::Challenged(Err(failure(Cause::GetChallenge))));
    }
    bench.input(Input::SettingsChanged);
    assert_eq!(bench.sleep(), Duration::ZERO);
    bench.input(Input::Inspected(Pair::Unusable("missing".into())));
    bench.input(Input::Challenged(Err(failure(Cause::GetChallenge))));
    assert_eq!(bench.sleep(), Timings::default().retry_first, "and the pauses begin anew");
}

#[test]
fn an_early_timeout_changes_nothing() {
    let mut bench = Bench::new();
    bench.sleep();
    bench.actions();
    bench.input(Input::Timeout);
    assert_eq!(bench.actions(), []);
    assert!(bench.machine.is_busy());
}
