//! The health service: federation gateways report how they are, and are told whether to be active.

use std::collections::BTreeMap;

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_model::{HealthReport, ServiceHealth, SystemLoad};
use orc8r_store::{ClusterDecision, Store};
use wire_feg::feg::health_response::RequestedAction;
use wire_feg::feg::health_server::Health;
use wire_feg::feg::health_status::HealthState;
use wire_feg::feg::service_health_stats::ServiceState;
use wire_feg::feg::{HealthRequest, HealthResponse, HealthStats, ServiceHealthStats, SystemHealthStats};

use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::{GatewayPrincipal, calling_gateway};

/// Services in one report; there are three.
const SERVICES_MAX: usize = 64;
/// Characters of a service's name, and of what it says; a longer message is cut.
const NAME_LENGTH_MAX: usize = 64;
const MESSAGE_LENGTH_MAX: usize = 512;

pub(crate) struct HealthService {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

#[async_trait]
impl Health for HealthService {
    /// Magma-compat: the active gateway is told so each time, and so are those that stand by; so one that missed an
    /// answer gets the next one. A gateway that hears nothing for long closes its connections by itself.
    async fn update_health(
        &self,
        request: Request<HealthRequest>,
    ) -> Result<Response<HealthResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let stats = request.into_inner().health_stats;
        let stats = stats.ok_or_else(|| Status::invalid_argument("a report needs health_stats"))?;
        let now_ms = self.clock.unix_ms();
        let decision = self
            .store
            .report_federation_health(&gateway.network, &gateway.gateway, report(stats)?, now_ms)
            .await
            .map_err(store_failure)?;
        tell(&gateway, &decision);
        let is_active = decision.active == gateway.gateway.as_str();
        let action = if is_active { RequestedAction::SystemUp } else { RequestedAction::SystemDown };
        Ok(Response::new(HealthResponse { action: action.into(), time: now_ms }))
    }
}

fn tell(gateway: &GatewayPrincipal, decision: &ClusterDecision) {
    let ClusterDecision { active, former, verdict } = decision;
    let GatewayPrincipal { network, gateway, .. } = gateway;
    if let Some(former) = former {
        tracing::warn!(%network, %former, %active, reporter = %gateway, health = %verdict.description,
            "another federation gateway is active now");
    }
}

fn report(stats: HealthStats) -> Result<HealthReport, Status> {
    Ok(HealthReport { system: stats.system_status.map(system), services: services(stats.service_status)? })
}

fn system(status: SystemHealthStats) -> SystemLoad {
    SystemLoad {
        // JSON, in which reports are kept, has no other numbers; 1 is as busy as can be.
        cpu: if status.cpu_util_pct.is_finite() { status.cpu_util_pct } else { 1.0 },
        memory_total: status.mem_total_bytes,
        memory_available: status.mem_available_bytes,
    }
}

fn services(status: BTreeMap<String, ServiceHealthStats>) -> Result<BTreeMap<String, ServiceHealth>, Status> {
    if status.len() > SERVICES_MAX || status.keys().any(|name| name.len() > NAME_LENGTH_MAX) {
        return Err(Status::invalid_argument(format!(
            "a report names at most {SERVICES_MAX} services, each with at most {NAME_LENGTH_MAX} bytes"
        )));
    }
    Ok(status.into_iter().map(|(name, status)| (name, service(status))).collect())
}

fn service(status: ServiceHealthStats) -> ServiceHealth {
    let available = status.service_state() == ServiceState::Available;
    let health = status.service_health_status;
    ServiceHealth {
        available,
        healthy: health.as_ref().is_some_and(|health| health.health() == HealthState::Healthy),
        message: health
            .map(|health| health.health_message.chars().take(MESSAGE_LENGTH_MAX).collect())
            .unwrap_or_default(),
    }
}
