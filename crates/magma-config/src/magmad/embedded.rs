//! `embedded_services`: the services that the agent serves itself, in place of programs of their own.

use crate::LogLevel;
use crate::block::Block;
use crate::value::word;
use crate::yaml::Node;

/// A service that the agent can serve itself, instead of starting and watching a program of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmbeddedService {
    /// The local proxy toward the cloud and between local services, in place of nghttpx.
    ControlProxy,
    /// Takes the events of local services.
    Eventd,
    /// Keeps the records of where subscribers are.
    Directoryd,
    /// Replicates state from redis to the cloud.
    State,
    /// Records call traces.
    Ctraced,
    /// Forwards events and logs to the cloud.
    TdAgentBit,
}

impl EmbeddedService {
    /// All of them, in the order of their names' documentation.
    pub const ALL: [Self; 6] =
        [Self::ControlProxy, Self::Eventd, Self::Directoryd, Self::State, Self::Ctraced, Self::TdAgentBit];

    /// The service of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }

    /// Its name among the services of a gateway.
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlProxy => "control_proxy",
            Self::Eventd => "eventd",
            Self::Directoryd => "directoryd",
            Self::State => "state",
            Self::Ctraced => "ctraced",
            Self::TdAgentBit => "td-agent-bit",
        }
    }
}

/// Reads the `log_level` of an embedded service's file: it is about the log of a program of its own.
pub(crate) fn read_log_level(block: &mut Block<'_>) {
    let Some(field) = block.take("log_level") else { return };
    match word(&field.node) {
        // What Magma ships.
        Ok(level) if level == LogLevel::Info.name() => {}
        _ => block.report().without_effect(
            &field.place,
            "the service is a part of magmad, whose log has one level; write log_level in magmad.yml",
        ),
    }
}

/// Reads the list; a service that is listed twice counts once.
pub(super) fn read(block: &mut Block<'_>) -> Vec<EmbeddedService> {
    let mut services: Vec<_> =
        block.read_list("embedded_services", service).into_iter().map(|(_, service)| service).collect();
    services.sort();
    services.dedup();
    services
}

fn service(node: &Node) -> Result<EmbeddedService, String> {
    let name = word(node)?;
    EmbeddedService::from_name(&name).ok_or_else(|| {
        let names: Vec<&str> = EmbeddedService::ALL.into_iter().map(EmbeddedService::name).collect();
        format!("is {name}, but magmad can serve only these itself: {}", names.join(", "))
    })
}
