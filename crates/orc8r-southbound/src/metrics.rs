//! The metrics controller: takes what gateways measured.

use std::sync::{Arc, Mutex, PoisonError};

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_metrics::{NewestSamples, Source, flatten};
use wire_orc8r::orc8r::metrics_controller_server::MetricsController;
use wire_orc8r::orc8r::{MetricsContainer, Void};

use crate::clock::Clock;
use crate::principal::calling_gateway;

/// The newest samples of all gateways, for the metrics service to write and for queries to read.
pub type SharedSamples = Arc<Mutex<NewestSamples>>;

pub(crate) struct MetricsService {
    pub(crate) samples: SharedSamples,
    pub(crate) clock: Clock,
}

#[async_trait]
impl MetricsController for MetricsService {
    /// Who measured, the certificate says; the container's `gatewayId` is not read.
    async fn collect(&self, request: Request<MetricsContainer>) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let source = Source { network: gateway.network.into(), gateway: gateway.gateway.into() };
        let now_ms = i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX);
        let samples = flatten(request.into_inner().family, &source, now_ms);
        // The samples are whole after every intake, so a panic elsewhere does not spoil them.
        let intake =
            self.samples.lock().unwrap_or_else(PoisonError::into_inner).take(&source, samples, now_ms);
        if intake.refused > 0 {
            let Source { network, gateway } = source;
            tracing::warn!(%network, %gateway, refused = intake.refused, "too many metric series: some are not kept");
        }
        Ok(Response::new(Void {}))
    }
}
