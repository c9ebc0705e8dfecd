//! Carries out what the bootstrap machine decides: reads the pair, calls the cloud, stores what it signed.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use magma_config::{GatewayConfig, Paths};
use magma_identity::{CertificatePair, HardwareId};
use magma_rpc::backoff::jitter;
use magma_service303::CounterFamily;
use tokio::sync::{mpsc, watch};

use super::exchange::{Exchange, Network};
use super::failure::{Cause, Failure};
use super::machine::{Action, Announcement, Input, Machine, Pair, Timings, Validity};
use crate::cloud::Cloud;
use crate::events::{Event, Events, Step};
use crate::progress::Progress;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// How many refusals may wait; more of them would say nothing new.
const REFUSALS_MAX: usize = 8;

/// How much later than planned the bootstrapper may come round before it counts as hanging.
const SLACK: Duration = Duration::from_secs(300);

/// What the bootstrapper works with.
pub struct Context {
    /// Where the files are.
    pub paths: Paths,
    /// The cloud's address and the files' names, as they are now.
    pub settings: watch::Receiver<Arc<GatewayConfig>>,
    /// Who this gateway is.
    pub hardware_id: HardwareId,
    /// The intervals.
    pub timings: Timings,
    /// How the bootstrapper is reached.
    pub network: Network,
    /// The connections that use the certificate.
    pub cloud: Cloud,
    /// Who wants to know.
    pub events: Events,
    /// The counter `bootstrap_exception{cause}`.
    pub exceptions: CounterFamily<1>,
    /// What the watchdog goes by.
    pub progress: Progress,
}

/// How other tasks talk to the bootstrapper.
#[derive(Clone, Debug)]
pub struct Bootstrapper {
    refusals: mpsc::Sender<u64>,
    validity: watch::Receiver<Option<Validity>>,
}

impl Bootstrapper {
    /// The cloud refused the certificate of this generation. Nothing happens if it has been replaced since.
    pub fn certificate_refused(&self, generation: u64) {
        // When the queue is full, the same has just been said.
        self.refusals.try_send(generation).ok();
    }

    /// The last moment of the certificate in use, if there is one.
    pub fn certificate_not_after(&self) -> Option<SystemTime> {
        self.validity.borrow().map(|validity| validity.not_after)
    }
}

/// The task that keeps the gateway's certificate.
pub struct Driver {
    context: Context,
    /// Generations of certificates that the cloud refused.
    refusals: mpsc::Receiver<u64>,
    renewals: watch::Sender<u64>,
    validity: watch::Sender<Option<Validity>>,
    call: Option<Call>,
    exchange: Option<Exchange>,
}

type Call = Pin<Box<dyn Future<Output = (Input, Exchange)> + Send>>;

impl Driver {
    /// The task, how to talk to it, and a number that grows with each renewed certificate.
    pub fn new(context: Context) -> (Self, Bootstrapper, watch::Receiver<u64>) {
        let (sender, refusals) = mpsc::channel(REFUSALS_MAX);
        let (renewals, renewed) = watch::channel(0);
        let (validity, known) = watch::channel(None);
        let bootstrapper = Bootstrapper { refusals: sender, validity: known };
        (Self { context, refusals, renewals, validity, call: None, exchange: None }, bootstrapper, renewed)
    }

    /// Does what the machine wants; a result that is there at once is returned, others come from [`Driver::call`].
    fn act(&mut self, action: Action) -> Option<Input> {
        match action {
            Action::Inspect => Some(Input::Inspected(self.inspect())),
            Action::GetChallenge => match self.begin() {
                Ok(mut exchange) => {
                    self.call = Some(Box::pin(async move {
                        let outcome = exchange.get_challenge().await;
                        (Input::Challenged(outcome), exchange)
                    }));
                    None
                }
                Err(failure) => Some(Input::Challenged(Err(failure))),
            },
            Action::RequestSign => {
                let Some(mut exchange) = self.exchange.take() else {
                    return Some(Input::Signed(Err(Failure::new(Cause::Channel, "the challenge was lost"))));
                };
                if let Some(warning) = exchange.clock_warning(SystemTime::now()) {
                    tracing::warn!("{warning}");
                }
                self.call = Some(Box::pin(async move {
                    let outcome = exchange.request_sign().await;
                    (Input::Signed(outcome), exchange)
                }));
                None
            }
            Action::Store => Some(Input::Stored(self.store())),
            Action::Announce(announcement) => {
                self.announce(announcement);
                None
            }
        }
    }

    /// What a refusal means now: nothing, if the certificate has been replaced while it was on its way.
    fn refused(&self, generation: u64) -> Option<Input> {
        (generation == self.context.cloud.generation()).then_some(Input::CertificateRefused)
    }

    fn files(&self) -> (PathBuf, PathBuf) {
        let settings = self.context.settings.borrow();
        let proxy = &settings.control_proxy;
        let resolve = |path: &PathBuf| self.context.paths.resolve(path);
        (resolve(&proxy.gateway_cert), resolve(&proxy.gateway_key))
    }

    fn inspect(&self) -> Pair {
        let (cert, key) = self.files();
        let pair = match CertificatePair::load(&cert, &key) {
            Ok(pair) => pair,
            Err(error) => return Pair::Unusable(error.to_string()),
        };
        let hardware_id = &self.context.hardware_id;
        if pair.common_name().eq_ignore_ascii_case(hardware_id.as_str()) {
            Pair::Present(Validity { not_before: pair.not_before(), not_after: pair.not_after() })
        } else {
            let other = pair.common_name();
            Pair::Unusable(format!("{} is for {other}, but this gateway is {hardware_id}", cert.display()))
        }
    }

    fn begin(&self) -> Result<Exchange, Failure> {
        let Context { paths, hardware_id, network, .. } = &self.context;
        let settings = self.context.settings.borrow().clone();
        let challenge_key = paths.resolve(&settings.magmad.challenge_key);
        Exchange::begin(&settings, network, paths, challenge_key, hardware_id.clone())
    }

    fn store(&mut self) -> Result<Validity, Failure> {
        let (cert, key) = self.files();
        match self.exchange.take() {
            Some(mut exchange) => exchange.store(SystemTime::now(), &cert, &key),
            None => Err(Failure::new(Cause::InvalidCertificate, "the signed certificate was lost")),
        }
    }

    fn announce(&self, announcement: Announcement) {
        let Context { cloud, events, .. } = &self.context;
        match announcement {
            Announcement::Usable(validity) => {
                self.validity.send_replace(Some(validity));
                if cloud.generation() == 0 {
                    tracing::info!("the certificate on disk is valid");
                    cloud.renew();
                    events.emit(Event::CertificateUsable { not_after: validity.not_after });
                }
            }
            Announcement::Renewing(reason) => tracing::info!(reason, "asking the cloud for a certificate"),
            Announcement::Renewed(validity) => {
                tracing::info!("the cloud signed a new certificate, which is now in use");
                self.validity.send_replace(Some(validity));
                cloud.renew();
                self.renewals.send_modify(|renewals| *renewals += 1);
                events.emit(Event::Bootstrapped { not_after: validity.not_after });
            }
            Announcement::Failed(failure, pause) => {
                self.context.exceptions.with([&failure.cause.label()]).increment();
                let seconds = pause.as_secs();
                tracing::error!(cause = %failure.cause.label(), "no new certificate: {failure}; next attempt in {seconds} s");
                events.failed(Step::Bootstrap, failure.message, Some(pause));
            }
        }
    }
}

impl Task for Driver {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        let now = tokio::time::Instant::now().into_std();
        let mut machine = Machine::new(now, self.context.timings.clone(), jitter);
        let mut settings = self.context.settings.clone();
        let mut machine_input = Some(Input::Timeout);
        while !shutdown.is_fired() {
            if let Some(input) = machine_input.take() {
                machine.handle(tokio::time::Instant::now().into_std(), SystemTime::now(), input);
            }
            while let Some(action) = machine.poll_action() {
                if let Some(input) = self.act(action) {
                    machine.handle(tokio::time::Instant::now().into_std(), SystemTime::now(), input);
                }
            }
            if !machine.is_busy() {
                (self.call, self.exchange) = (None, None);
            }
            let pause =
                machine.next_timeout().saturating_duration_since(tokio::time::Instant::now().into_std());
            self.context.progress.promise("bootstrap", pause + SLACK);
            machine_input = tokio::select! {
                () = shutdown.wait() => None,
                () = tokio::time::sleep_until(machine.next_timeout().into()) => Some(Input::Timeout),
                input = answer(&mut self.call, &mut self.exchange) => Some(input),
                Some(generation) = self.refusals.recv() => self.refused(generation),
                Ok(()) = settings.changed() => Some(Input::SettingsChanged),
            };
        }
        Ok(())
    }
}

/// The answer of the running call, if there is one; else waits for ever.
async fn answer(call: &mut Option<Call>, exchange: &mut Option<Exchange>) -> Input {
    match call {
        Some(running) => {
            let (input, done) = running.as_mut().await;
            *call = None;
            *exchange = Some(done);
            input
        }
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use magma_service303::Registry;

    use super::*;

    #[tokio::test]
    async fn a_refusal_that_is_told_late_says_nothing_of_the_new_certificate() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path());
        let settings = watch::Sender::new(Arc::new(magma_config::inspect(&paths).0));
        let network = Network { http_proxies: Default::default(), last_resort_port: 1 };
        let cloud = Cloud::new(paths.clone(), settings.subscribe(), Default::default());
        let (mut driver, bootstrapper, _renewals) = Driver::new(Context {
            paths,
            settings: settings.subscribe(),
            hardware_id: HardwareId::random().unwrap(),
            timings: Timings::default(),
            network,
            cloud: cloud.clone(),
            events: Events::new(),
            exceptions: Registry::new().counter_family("bootstrap_exception", ["cause"]),
            progress: Progress::default(),
        });
        for (late, expected) in [(false, Some(Input::CertificateRefused)), (true, None)] {
            cloud.renew();
            bootstrapper.certificate_refused(cloud.generation());
            if late {
                cloud.renew();
            }
            let generation = driver.refusals.recv().await.unwrap();
            assert_eq!(driver.refused(generation), expected, "late: {late}");
        }
    }
}
