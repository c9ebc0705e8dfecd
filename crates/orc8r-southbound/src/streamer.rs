//! The streamer: a gateway asks for a stream by name and gets its whole current content.

use std::sync::Arc;

use magma_rpc::tonic::async_trait;
use magma_rpc::{BoxStream, Request, Response, Status};
use wire_orc8r::orc8r::streamer_server::Streamer;
use wire_orc8r::orc8r::{DataUpdate, DataUpdateBatch, StreamRequest};

use crate::mconfig_cache::MconfigCache;
use crate::principal::calling_gateway;

/// The stream of a gateway's configuration.
const CONFIGS: &str = "configs";

/// How many letters of an unknown stream's name are repeated: an error's text travels in a header.
const STREAM_NAME_SHOWN_MAX: usize = 64;

pub(crate) struct StreamerService {
    pub(crate) mconfigs: Arc<MconfigCache>,
}

#[async_trait]
impl Streamer for StreamerService {
    type GetUpdatesStream = BoxStream<DataUpdateBatch>;

    /// One batch with everything, then the end of the stream; the gateway asks again after a while.
    ///
    /// Whose configuration it is, the certificate says; the request's `gatewayId` is not read.
    async fn get_updates(
        &self,
        request: Request<StreamRequest>,
    ) -> Result<Response<Self::GetUpdatesStream>, Status> {
        let gateway = calling_gateway(&request)?;
        let stream = &request.get_ref().stream_name;
        if stream != CONFIGS {
            let shown: String = stream.chars().take(STREAM_NAME_SHOWN_MAX).collect();
            return Err(Status::unavailable(format!("stream {shown} does not exist")));
        }
        let current = self.mconfigs.current(&gateway).await?;
        let update = DataUpdate { key: gateway.gateway.into(), value: current.stream_value.to_vec() };
        let batch = DataUpdateBatch { updates: vec![update], resync: true };
        Ok(Response::new(Box::pin(tokio_stream::once(Ok(batch)))))
    }
}
