//! The streamer: a gateway asks for a stream by name and gets its whole current content.

use std::sync::Arc;

use magma_rpc::tonic::async_trait;
use magma_rpc::{BoxStream, Request, Response, Status};
use wire_orc8r::orc8r::streamer_server::Streamer;
use wire_orc8r::orc8r::{DataUpdate, DataUpdateBatch, GatewayConfigsDigest, StreamRequest};

use crate::mconfig_cache::MconfigCache;
use crate::principal::calling_gateway;

/// The stream of a gateway's configuration.
const CONFIGS: &str = "configs";

/// The header of an answer that tells the digest of the configuration.
const DIGEST_HEADER: &str = "magma-configs-digest";

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
    /// A gateway that repeats the digest which it was told in a header has everything already, and gets the end of the
    /// stream alone.
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
        let digest = &current.built.digest;
        let batch = if has_already(request.get_ref(), digest) {
            None
        } else {
            let update = DataUpdate { key: gateway.gateway.into(), value: current.stream_value.to_vec() };
            Some(Ok(DataUpdateBatch { updates: vec![update], resync: true }))
        };
        let batches: Self::GetUpdatesStream = Box::pin(tokio_stream::iter(batch));
        let mut answer = Response::new(batches);
        if let Ok(digest) = digest.parse() {
            answer.metadata_mut().insert(DIGEST_HEADER, digest);
        }
        Ok(answer)
    }
}

/// Whether the request repeats the digest of the present configuration.
///
/// Existing agents send a digest, too: what `metadata.digest` of their stored document says, which is nothing, or an
/// MD5 of their own making. Neither reads the header that tells ours, which is longer than any MD5, so neither is ever
/// sent an empty stream, after which the Go agent would not pause.
fn has_already(request: &StreamRequest, digest: &str) -> bool {
    let repeated = request.extra_args.as_ref().and_then(|any| any.to_msg::<GatewayConfigsDigest>().ok());
    repeated.is_some_and(|repeated| !digest.is_empty() && repeated.md5_hex_digest == digest)
}
