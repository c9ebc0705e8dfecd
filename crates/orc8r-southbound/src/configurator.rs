//! The configurator's southbound side: a gateway asks for its configuration directly.

use std::collections::BTreeMap;
use std::sync::Arc;

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use prost::Message;
use prost_types::Any;
use serde::Deserialize;
use serde_json::Value;
use wire_orc8r::orc8r::configurator::southbound_configurator_server::SouthboundConfigurator;
use wire_orc8r::orc8r::configurator::{GetMconfigRequest, GetMconfigResponse};
use wire_orc8r::orc8r::{GatewayConfigs, GatewayConfigsMetadata, Void};

use crate::mconfig_cache::{CurrentMconfig, MconfigCache};
use crate::principal::calling_gateway;

const BYTES_VALUE: &str = "type.googleapis.com/google.protobuf.BytesValue";

pub(crate) struct ConfiguratorService {
    pub(crate) mconfigs: Arc<MconfigCache>,
}

#[async_trait]
impl SouthboundConfigurator for ConfiguratorService {
    async fn get_mconfig(&self, request: Request<Void>) -> Result<Response<GatewayConfigs>, Status> {
        let gateway = calling_gateway(&request)?;
        let current = self.mconfigs.current(&gateway).await?;
        let configs = gateway_configs(&current);
        configs.map(Response::new).map_err(|error| Status::internal(format!("the configuration: {error}")))
    }

    /// Deviation: Magma's own parts ask this of each other, and there any gateway can ask it of any other. Here the
    /// table lets nobody through.
    async fn get_mconfig_internal(
        &self,
        _: Request<GetMconfigRequest>,
    ) -> Result<Response<GetMconfigResponse>, Status> {
        Err(Status::unimplemented("ask with the gateway's own certificate: GetMconfig"))
    }
}

/// Magma-compat: each entry is the JSON text, as a `BytesValue` in an `Any`.
fn gateway_configs(current: &CurrentMconfig) -> Result<GatewayConfigs, serde_json::Error> {
    let any = |json: Value| Any {
        type_url: BYTES_VALUE.to_owned(),
        value: json.to_string().into_bytes().encode_to_vec(),
    };
    let document: Document = serde_json::from_slice(&current.stream_value)?;
    let configs_by_key = document.configs_by_key.into_iter().map(|(key, json)| (key, any(json))).collect();
    let metadata = GatewayConfigsMetadata { created_at: current.created_at, digest: None };
    Ok(GatewayConfigs { configs_by_key, metadata: Some(metadata) })
}

/// The entries of the value of the `configs` stream.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "configsByKey")]
    configs_by_key: BTreeMap<String, Value>,
}
