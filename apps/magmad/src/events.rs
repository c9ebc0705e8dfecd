//! What the agent tells an observer in the same process: the laboratory and the tests.
//!
//! Operators read the log; nothing in the agent depends on anybody listening here.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use tokio::sync::broadcast;

use crate::recent::Recent;

/// How many events a slow observer may fall behind before it loses the oldest.
const BACKLOG: usize = 64;

/// A step of the agent's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The agent's own gRPC services answer.
    Serving {
        /// Where.
        address: SocketAddr,
    },
    /// The certificate on disk is in use.
    CertificateUsable {
        /// Its last moment.
        not_after: SystemTime,
    },
    /// A new certificate was signed and stored.
    Bootstrapped {
        /// Its last moment.
        not_after: SystemTime,
    },
    /// The cloud took the states of this gateway.
    CheckedIn {
        /// How many.
        states: usize,
    },
    /// A `gateway.mconfig` with changed contents was stored.
    ConfigStored {
        /// The services whose entries changed.
        changed: BTreeSet<String>,
    },
    /// The stream for remote commands is open.
    SyncRpcConnected,
    /// `control_proxy.yml` changed and the new one is in use.
    SettingsChanged,
    /// Something did not work; it is tried again.
    Failed {
        /// What was tried.
        step: Step,
        /// What happened, and what the operator can do.
        message: String,
        /// When the next attempt follows, where that is known.
        retry_in: Option<Duration>,
    },
    /// The agent is ending.
    Stopping,
}

/// What an [`Event::Failed`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Getting a certificate.
    Bootstrap,
    /// Reporting states.
    CheckIn,
    /// Getting or applying `gateway.mconfig`.
    ConfigStream,
    /// Keeping the stream for remote commands open.
    SyncRpc,
    /// Reading a changed `control_proxy.yml`.
    Settings,
    /// Starting or stopping services.
    Services,
    /// A task of the agent that ended although it never should.
    Task,
}

/// Where events go; a clone goes to the same observers.
#[derive(Clone, Debug)]
pub struct Events {
    observers: broadcast::Sender<Event>,
    recent: Recent,
}

impl Default for Events {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    /// No observers yet.
    pub fn new() -> Self {
        Self { observers: broadcast::Sender::new(BACKLOG), recent: Recent::default() }
    }

    /// Sees every event from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.observers.subscribe()
    }

    /// What happened last in each step.
    pub fn recent(&self) -> &Recent {
        &self.recent
    }

    /// Tells the observers, if there are any.
    pub fn emit(&self, event: Event) {
        self.recent.note(&event, SystemTime::now());
        self.observers.send(event).ok();
    }

    /// Tells the observers of a failure.
    pub fn failed(&self, step: Step, message: impl Into<String>, retry_in: Option<Duration>) {
        self.emit(Event::Failed { step, message: message.into(), retry_in });
    }
}
