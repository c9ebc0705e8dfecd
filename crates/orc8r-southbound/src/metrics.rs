//! The metrics controller: takes what gateways measured.

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_metrics::{Metrics, Source};
use wire_orc8r::orc8r::metrics_controller_server::MetricsController;
use wire_orc8r::orc8r::{MetricsContainer, Void};

use crate::clock::Clock;
use crate::principal::calling_gateway;

pub(crate) struct MetricsService {
    pub(crate) metrics: Metrics,
    pub(crate) clock: Clock,
}

#[async_trait]
impl MetricsController for MetricsService {
    /// Who measured, the certificate says; the container's `gatewayId` is not read.
    async fn collect(&self, request: Request<MetricsContainer>) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let source = Source { network: gateway.network.into(), gateway: gateway.gateway.into() };
        let now_ms = i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX);
        let intake = self.metrics.collect(&source, &request.into_inner().family, now_ms);
        if intake.no_room > 0 {
            let Source { network, gateway } = source;
            tracing::warn!(%network, %gateway, refused = intake.no_room, "too many metric series: some are not kept");
        }
        Ok(Response::new(Void {}))
    }
}
