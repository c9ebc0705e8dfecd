//! The streamer: a gateway asks for a stream by name and gets its whole current content, and what it changes to.
//!
//! Only a gateway that says so in a header keeps its stream and is pushed to. Existing agents say nothing, and get the
//! end of the stream after one batch, as from an existing Orchestrator: Python's gives a stream up after 150 s and counts
//! that as an error, Go's waits on it for ever, also when the cloud is gone.

use std::sync::Arc;

use magma_rpc::metadata::MetadataValue;
use magma_rpc::server::PeerCertificate;
use magma_rpc::tonic::async_trait;
use magma_rpc::{BoxStream, Request, Response, Status};
use orc8r_ca::CertificateFacts;
use tokio_stream::StreamExt;
use wire_orc8r::orc8r::streamer_server::Streamer;
use wire_orc8r::orc8r::{DataUpdate, DataUpdateBatch, GatewayConfigsDigest, StreamRequest};

use crate::config_push::{ConfigPush, Waiting};
use crate::mconfig_cache::MconfigCache;
use crate::network_push::NetworkPush;
use crate::principal::{GatewayPrincipal, calling_gateway};
use crate::streams::{NetworkStream, NetworkStreams};

/// The stream of a gateway's configuration.
const CONFIGS: &str = "configs";

/// The header of an answer that tells the digest of the configuration.
const DIGEST_HEADER: &str = "magma-configs-digest";

/// The header by which a gateway asks to be pushed to, and an answer says that it will be.
const PUSH_HEADER: &str = "magma-configs-push";

/// How many letters of an unknown stream's name are repeated: an error's text travels in a header.
const STREAM_NAME_SHOWN_MAX: usize = 64;

pub(crate) struct StreamerService {
    pub(crate) mconfigs: Arc<MconfigCache>,
    pub(crate) pushes: ConfigPush,
    pub(crate) network_pushes: NetworkPush,
    pub(crate) streams: Arc<NetworkStreams>,
}

impl StreamerService {
    /// Takes part in pushes, if the gateway asks for them.
    fn waiting<T>(&self, request: &Request<T>, gateway: &GatewayPrincipal) -> Option<Waiting> {
        self.pushes.open(asks_to_be_pushed(request)?, gateway.clone())
    }

    /// The whole content of a network's stream, and what it changes to, for who asks for that.
    async fn of_network(
        &self,
        request: &Request<StreamRequest>,
        gateway: &GatewayPrincipal,
        stream: NetworkStream,
    ) -> Result<Response<BoxStream<DataUpdateBatch>>, Status> {
        // First, so that no change comes between what is read and what is waited for.
        let serial = asks_to_be_pushed(request);
        let waiting = serial.and_then(|serial| self.network_pushes.open(serial, gateway.clone(), stream));
        let content = self.streams.content(gateway, stream).await?;
        let Some(waiting) = waiting else {
            let batches: Vec<_> = content.batches.iter().cloned().map(Ok).collect();
            return Ok(Response::new(Box::pin(tokio_stream::iter(batches))));
        };
        let batches: BoxStream<DataUpdateBatch> = Box::pin(waiting.after(content));
        let mut answer = Response::new(batches);
        answer.metadata_mut().insert(PUSH_HEADER, MetadataValue::from_static("1"));
        Ok(answer)
    }
}

/// The serial number of the caller's certificate, if it asks to be pushed to.
fn asks_to_be_pushed<T>(request: &Request<T>) -> Option<String> {
    request.metadata().get(PUSH_HEADER)?;
    let PeerCertificate(der) = request.extensions().get()?;
    Some(CertificateFacts::from_der(der).ok()?.serial)
}

#[async_trait]
impl Streamer for StreamerService {
    type GetUpdatesStream = BoxStream<DataUpdateBatch>;

    /// One batch with everything; then the end of the stream, after which the gateway asks again after a while, or, for
    /// who asked for it, another batch whenever the configuration changes.
    ///
    /// A gateway that repeats the digest which it was told in a header has everything already, and gets no first batch.
    ///
    /// Whose configuration it is, the certificate says; the request's `gatewayId` is not read.
    async fn get_updates(
        &self,
        request: Request<StreamRequest>,
    ) -> Result<Response<Self::GetUpdatesStream>, Status> {
        let gateway = calling_gateway(&request)?;
        let stream = &request.get_ref().stream_name;
        if let Some(stream) = NetworkStream::named(stream) {
            return self.of_network(&request, &gateway, stream).await;
        }
        if stream != CONFIGS {
            let shown: String = stream.chars().take(STREAM_NAME_SHOWN_MAX).collect();
            return Err(Status::unavailable(format!("stream {shown} does not exist")));
        }
        // First, so that no change comes between what is read and what is waited for.
        let waiting = self.waiting(&request, &gateway);
        let current = self.mconfigs.current(&gateway).await?;
        let digest = &current.digest;
        let key = gateway.gateway.to_string();
        let known = has_already(request.get_ref(), digest);
        let first = (!known).then(|| Ok(batch(&key, current.stream_value.to_vec())));
        let first = tokio_stream::iter(first);
        let is_pushed = waiting.is_some();
        let batches: Self::GetUpdatesStream = match waiting {
            Some(waiting) => {
                let changes = waiting.after(&current);
                Box::pin(first.chain(changes.map(move |value| value.map(|value| batch(&key, value)))))
            }
            None => Box::pin(first),
        };
        let mut answer = Response::new(batches);
        if let Ok(digest) = digest.parse() {
            answer.metadata_mut().insert(DIGEST_HEADER, digest);
        }
        if is_pushed {
            answer.metadata_mut().insert(PUSH_HEADER, MetadataValue::from_static("1"));
        }
        Ok(answer)
    }
}

fn batch(gateway: &str, value: Vec<u8>) -> DataUpdateBatch {
    DataUpdateBatch { updates: vec![DataUpdate { key: gateway.to_owned(), value }], resync: true }
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
