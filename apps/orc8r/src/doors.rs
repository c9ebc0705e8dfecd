//! The doors: where the Orchestrator listens, and how much it takes at each.

use std::sync::Arc;
use std::time::Duration;

use magma_rpc::server::{Descriptors, DoorCounts, Doorkeeper, Places, accept_failures, serve_tls_within};
use orc8r_logs::Intake;
use orc8r_rest::{DoorFigures, DoorsFigures};
use orc8r_southbound::{Clock, Southbound};
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Addresses;
use crate::door_tls::DoorTls;
use crate::log_door::GatewayAdmission;
use crate::operator_door::OperatorDoor;
use crate::running::{StartError, bind};

/// The door for those without a certificate. A fleet behind one address shares its places, each for two minutes at most.
const STRANGERS: Places = Places { connections: 8192, of_one_address: 2048, ..Places::MANY };
/// The door for operators. A console that serves many of them has one address, and may have one certificate.
const OPERATORS: Places = Places {
    connections: 2048,
    of_one_address: 1024,
    of_one_certificate: usize::MAX,
    handshakes: 256,
    handshakes_of_one_address: 192,
    ..Places::MANY
};
/// The door for gateways' forwarders.
const FORWARDERS: Places = Places { connections: 40_000, ..Places::MANY };
/// Of the files for connections, one in so many is left for operators and nodes by the other doors; no more than
/// [`LEFT_MAX`], since few of them come.
const LEFT_PART: usize = 8;
const LEFT_MAX: usize = 256;
/// And no more than one in so many is for strangers, or for operators.
const SHARE_PART: usize = 4;
/// Gateways' streams end spread over so long when there are other nodes, which do not want them all at once.
pub(crate) const SPREAD: Duration = Duration::from_secs(5);
/// How long gateways' calls may go on when their streams have ended.
const LAST_CALLS: Duration = Duration::from_secs(3);

/// Who keeps each door; clones keep the same.
#[derive(Clone)]
pub(crate) struct Keepers {
    gateways: Doorkeeper,
    bootstrap: Doorkeeper,
    rest: Doorkeeper,
    logs: Doorkeeper,
    pub(crate) nodes: Doorkeeper,
}

impl Keepers {
    /// For as many files as this process may open; calls may go on for `grace` after the order to stop.
    pub(crate) fn new(grace: Duration) -> Self {
        Self::with(Descriptors::of_limit(getrlimit(Resource::Nofile).current), grace)
    }

    fn with(descriptors: Descriptors, grace: Duration) -> Self {
        let most = descriptors.most();
        let (share, descriptors_left) = (most / SHARE_PART, (most / LEFT_PART).min(LEFT_MAX));
        let keeper = |door, places| Doorkeeper::new(door, places, descriptors.clone());
        let shared = |places: Places| Places { connections: places.connections.min(share), ..places };
        let gateways = Places { grace: grace + SPREAD + LAST_CALLS, descriptors_left, ..Places::MANY };
        Self {
            gateways: keeper("gateways", gateways),
            bootstrap: keeper("bootstrap", Places { descriptors_left, ..shared(STRANGERS) }),
            rest: keeper("rest", Places { grace, ..shared(OPERATORS) }),
            logs: keeper("logs", Places { grace: orc8r_logs::GRACE, descriptors_left, ..FORWARDERS }),
            nodes: keeper("nodes", Places { grace, ..Places::MANY }),
        }
    }

    /// Tells what has happened at each, for `/metrics`.
    pub(crate) fn telling(self) -> Arc<dyn Fn() -> DoorsFigures + Send + Sync> {
        Arc::new(move || self.figures())
    }

    fn figures(&self) -> DoorsFigures {
        let doors = [&self.gateways, &self.bootstrap, &self.rest, &self.logs, &self.nodes];
        let doors = doors.map(|keeper| figures(keeper.door(), keeper.counts()));
        DoorsFigures { doors: doors.to_vec(), accept_failures: accept_failures() }
    }
}

fn figures(door: &'static str, counts: DoorCounts) -> DoorFigures {
    let DoorCounts { open, handshakes, given_up, .. } = counts;
    let refused = [
        ("full", counts.refused_full),
        ("address", counts.refused_address),
        ("certificate", counts.refused_certificate),
        ("files", counts.refused_descriptors),
    ];
    DoorFigures { door, open, handshakes, given_up, refused }
}

/// Listeners that are bound and do not serve yet.
pub(crate) struct Doors {
    gateways: TcpListener,
    bootstrap: TcpListener,
    rest: TcpListener,
    logs: TcpListener,
    pub(crate) addresses: Addresses,
}

impl Doors {
    pub(crate) async fn open(listen: Addresses) -> Result<Self, StartError> {
        let (gateways, gateways_at) = bind(listen.gateways, "gateways").await?;
        let (bootstrap, bootstrap_at) = bind(listen.bootstrap, "bootstrap").await?;
        let (rest, rest_at) = bind(listen.rest, "rest").await?;
        let (logs, logs_at) = bind(listen.logs, "logs").await?;
        let addresses =
            Addresses { gateways: gateways_at, bootstrap: bootstrap_at, rest: rest_at, logs: logs_at };
        Ok(Self { gateways, bootstrap, rest, logs, addresses })
    }

    /// Serves until `stopped`. The second of both are the doors through which calls to gateways come.
    pub(crate) fn serve(
        self,
        southbound: &Southbound,
        operators: OperatorDoor,
        intake: Intake,
        tls: DoorTls,
        stopped: &watch::Receiver<bool>,
        keepers: &Keepers,
    ) -> (JoinSet<()>, JoinSet<()>) {
        let forwarders = GatewayAdmission::new(southbound.identification().clone(), Clock::system());
        let wait = || {
            let mut stopped = stopped.clone();
            async move { stopped.wait_for(|stop| *stop).await.map(drop).ok() }
        };
        let Keepers { gateways, bootstrap, rest, logs, nodes: _ } = keepers.clone();
        let (mut tasks, mut callers) = (JoinSet::new(), JoinSet::new());
        let certified = southbound.certified_door();
        tasks.spawn(serve_tls_within(self.gateways, tls.certified.clone(), gateways, certified, wait()));
        tasks.spawn(serve_tls_within(self.bootstrap, tls.open, bootstrap, southbound.open_door(), wait()));
        let forwarders = (forwarders, intake);
        tasks.spawn(orc8r_logs::serve(self.logs, tls.certified.clone(), logs, forwarders, wait()));
        callers.spawn(serve_tls_within(self.rest, tls.operators, rest, operators, wait()));
        (tasks, callers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_files_are_shared_and_many_are_bounded() {
        // Places per door: of the whole, and what is left for others.
        for (files, strangers, operators, left) in [(1024, 192, 192, 96), (131_072, 8192, 2048, 256)] {
            let keepers = Keepers::with(Descriptors::of_limit(Some(files)), Duration::ZERO);
            assert_eq!(keepers.bootstrap.places().connections, strangers);
            assert_eq!(keepers.rest.places().connections, operators);
            for keeper in [&keepers.gateways, &keepers.bootstrap, &keepers.logs] {
                assert_eq!(keeper.places().descriptors_left, left);
            }
            for keeper in [&keepers.rest, &keepers.nodes] {
                assert_eq!(keeper.places().descriptors_left, 0);
            }
            assert_eq!(keepers.gateways.places().of_one_address, usize::MAX, "many are behind one address");
        }
    }
}
