//! The task that drives upgrades: it knows when to look, what the gateway is like, and whom to tell.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use magma_service303::Gauge;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::journal::{Outcome, Stage};
use magma_upgrade::layout::Layout;
use magma_upgrade::upgrader::{Health, Notice, Running, Timings, Turn, Upgrader, Wish};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::time::Instant;

use super::installers::installer;
use super::source::source;
use super::{Parts, layout};
use crate::events::Event;
use crate::satellites::Context;
use crate::shutdown::Shutdown;
use crate::supervise::Task;

/// Magma-compat: after a start, the first look comes so much later.
const FIRST_WAIT: Duration = Duration::from_secs(120);
/// How soon it is looked again whether this is the only magmad.
const ALONE_AGAIN: Duration = Duration::from_secs(30);
/// So that a request which cannot be removed does not keep the processor busy.
const INTERRUPTED_PAUSE: Duration = Duration::from_secs(1);
/// How soon a request of `magmad upgrade` is seen.
const REQUESTS_EVERY: Duration = Duration::from_secs(5);
/// What part of its window a new version runs at least: 30 s, three polls, of the default 5 minutes.
const SETTLE_PART: u32 = 10;

/// The task.
pub(super) struct Upgrades {
    context: Context,
    parts: Parts,
    layout: Layout,
    check_ins: u64,
    gauges: Gauges,
}

/// Magma's gauges of its upgrader, where they mean something here.
struct Gauges {
    /// 1 while nothing is under way.
    idle: Gauge,
    /// 1 while files come in.
    downloaded: Gauge,
    /// 1 once everything is in place.
    prepared: Gauge,
    /// 1 while something does not work.
    error: Gauge,
}

impl Upgrades {
    pub(super) fn new(context: Context, parts: Parts, layout: Layout) -> Self {
        let registry = &context.registry;
        let gauges = Gauges {
            idle: registry.gauge("upgrader2_idle"),
            downloaded: registry.gauge("upgrader2_downloaded"),
            prepared: registry.gauge("upgrader2_prepared"),
            error: registry.gauge("upgrader2_error"),
        };
        Self { context, parts, layout, check_ins: 0, gauges }
    }

    async fn keep_looking(&mut self) -> anyhow::Result<()> {
        let mut events = self.context.events.subscribe();
        let mut upgrader = match self.open() {
            Ok(upgrader) => upgrader,
            Err(reason) => {
                tracing::error!("nothing is upgraded: {reason}");
                self.gauges.error.set(1.0);
                return std::future::pending().await;
            }
        };
        let under_way = upgrader.journal().active.is_some();
        let mut next = Instant::now() + if under_way { Duration::ZERO } else { FIRST_WAIT };
        self.told(&mut upgrader);
        loop {
            self.wait(&mut events, next).await;
            if !self.parts.process.is_alone(&self.layout) {
                tracing::error!("nothing is upgraded while another magmad runs");
                next = Instant::now() + ALONE_AGAIN;
                continue;
            }
            if self.follow_request(&mut upgrader) || next <= Instant::now() {
                // Also what a request has ended already.
                self.told(&mut upgrader);
                let turn = self.turn(&mut upgrader, &mut events).await;
                self.told(&mut upgrader);
                next = Instant::now()
                    + match turn {
                        Turn::After(pause) => pause,
                        Turn::Rest => self.context.managed.current().magmad.autoupgrade_poll_interval,
                        Turn::Restart => {
                            tracing::info!("magmad starts again, as another version");
                            self.parts.process.start_again();
                            self.parts.trigger.fire();
                            return std::future::pending().await;
                        }
                    };
            }
        }
    }

    fn open(&self) -> Result<Upgrader, String> {
        let settings = self.context.settings.borrow().clone();
        let installer = installer(&settings, &self.context.paths, &self.parts.process)?;
        let window = settings.magmad.upgrader.as_ref().map(|factory| factory.health_window);
        let window = window.unwrap_or(Timings::default().window);
        let timings = Timings { window, settle: window / SETTLE_PART, ..Timings::default() };
        let process = &self.parts.process;
        let running = Running { packaged: process.packaged_version().to_owned(), slot: process.slot() };
        Ok(Upgrader::open(Arc::new(SystemDisk), layout(&self.context.paths), installer, running, timings))
    }

    /// Until it is time for a look or a request, counting check-ins meanwhile.
    async fn wait(&mut self, events: &mut Receiver<Event>, next: Instant) {
        let until = next.min(Instant::now() + REQUESTS_EVERY);
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                event = events.recv() => match event {
                    Ok(event) => self.count(&event),
                    // The agent ends, and this task with it.
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => std::future::pending().await,
                    Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                },
            }
        }
    }

    fn count(&mut self, event: &Event) {
        self.check_ins += u64::from(matches!(event, Event::CheckedIn { .. }));
    }

    async fn turn(&mut self, upgrader: &mut Upgrader, events: &mut Receiver<Event>) -> Turn {
        while let Ok(event) = events.try_recv() {
            self.count(&event);
        }
        let settings = self.context.settings.borrow().clone();
        let wish = self.wish();
        let source = source(&settings, &self.context.paths, &self.parts.http_proxies);
        let health = Health { check_ins: self.check_ins, answering: self.answering() };
        let interruptible = upgrader.may_be_interrupted();
        let turn = upgrader.turn(&wish, source.as_ref().map_err(String::as_str), &health);
        if !interruptible {
            return turn.await;
        }
        tokio::select! {
            turn = turn => turn,
            () = self.something_else(&wish) => Turn::After(INTERRUPTED_PAUSE),
        }
    }

    /// What is asked for and allowed now.
    fn wish(&self) -> Wish {
        let (settings, live) = (self.context.settings.borrow(), self.context.managed.current());
        let factory = settings.magmad.upgrader.as_ref();
        Wish {
            version: live.magmad.package_version.clone(),
            enabled: live.magmad.autoupgrade_enabled && settings.magmad.enable_upgrade_manager,
            allow_downgrade: factory.is_some_and(|factory| factory.allow_downgrade),
        }
    }

    /// Until an operator asks for something, or the cloud for something else.
    async fn something_else(&self, wish: &Wish) {
        while self.layout.requested().is_none() && self.wish() == *wish {
            tokio::time::sleep(REQUESTS_EVERY).await;
        }
    }

    /// The fixed services that answer, as the poller saw them last.
    fn answering(&self) -> BTreeSet<String> {
        let settings = self.context.settings.borrow().clone();
        let fixed: BTreeSet<String> = settings.magmad.magma_services.iter().cloned().collect();
        let answering = self.context.services.watch().answering();
        answering.into_iter().filter(|service| fixed.contains(service)).collect()
    }

    /// Follows what an operator asked for with `magmad upgrade`; says whether there was something.
    fn follow_request(&self, upgrader: &mut Upgrader) -> bool {
        let Some(request) = self.layout.requested() else { return false };
        if let Err(error) = self.layout.forget_request(&SystemDisk) {
            tracing::error!("a request of magmad upgrade cannot be removed, so it is not followed: {error}");
            return false;
        }
        match upgrader.request(request) {
            Ok(()) => tracing::info!(?request, "an operator asked for it"),
            Err(error) => tracing::error!("{error}"),
        }
        true
    }

    /// Tells the cloud, the log and the gauges.
    fn told(&self, upgrader: &mut Upgrader) {
        for notice in upgrader.take_notices() {
            self.tell(&notice);
        }
        self.parts.progress.follow(upgrader);
        let stage = upgrader.journal().stage();
        let set = |gauge: &Gauge, on: bool| gauge.set(f64::from(u8::from(on)));
        set(&self.gauges.idle, stage.is_none());
        set(&self.gauges.downloaded, matches!(stage, Some(Stage::Verified | Stage::Staged)));
        set(&self.gauges.prepared, stage == Some(Stage::Staged));
        set(&self.gauges.error, !upgrader.error().is_empty());
    }

    fn tell(&self, notice: &Notice) {
        let log = &self.context.event_log;
        match notice {
            Notice::Started { from, to } => {
                tracing::info!("the upgrade from {from} to {to} begins");
                log.log("upgrade_started", &json!({ "from": from, "to": to.as_str() }));
            }
            Notice::Ended { version, outcome, reason } => {
                let event = match outcome {
                    Outcome::Healthy => "upgrade_succeeded",
                    Outcome::RolledBack => "upgrade_rolled_back",
                    Outcome::Failed => "upgrade_failed",
                };
                match outcome {
                    Outcome::Healthy => tracing::info!("version {version} is healthy and stays"),
                    Outcome::RolledBack => tracing::error!("version {version} was rolled back: {reason}"),
                    Outcome::Failed => tracing::error!("version {version} is given up: {reason}"),
                }
                log.log(event, &json!({ "version": version.as_str(), "reason": reason }));
            }
        }
    }
}

impl Task for Upgrades {
    async fn run(&mut self, mut shutdown: Shutdown) -> anyhow::Result<()> {
        tokio::select! {
            () = shutdown.wait() => Ok(()),
            ended = self.keep_looking() => ended,
        }
    }
}
