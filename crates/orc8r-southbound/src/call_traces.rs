//! The call trace controller: takes what gateways captured.

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_store::Store;
use wire_orc8r::orc8r::call_trace_controller_server::CallTraceController;
use wire_orc8r::orc8r::{ReportEndedTraceRequest, ReportEndedTraceResponse};

use crate::failure::store_failure;
use crate::principal::calling_gateway;

pub(crate) struct CallTraceService {
    pub(crate) store: Store,
}

#[async_trait]
impl CallTraceController for CallTraceService {
    /// A trace must have been ordered from the very gateway that reports it.
    async fn report_ended_call_trace(
        &self,
        request: Request<ReportEndedTraceRequest>,
    ) -> Result<Response<ReportEndedTraceResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        let ReportEndedTraceRequest { trace_id, success, trace_content } = request.into_inner();
        let bytes = trace_content.len();
        let capture = (success && !trace_content.is_empty()).then_some(trace_content);
        let kept = self.store.end_call_trace(&gateway.network, gateway.gateway.as_str(), &trace_id, capture);
        kept.await.map_err(store_failure)?;
        tracing::info!(network = %gateway.network, gateway = %gateway.gateway, trace_id, success, bytes, "a call trace has ended");
        Ok(Response::new(ReportEndedTraceResponse {}))
    }
}
