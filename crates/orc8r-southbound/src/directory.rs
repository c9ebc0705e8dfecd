//! The directory: which gateway serves which subscriber, for gateways that keep none of their own.
//!
//! A record is a state of type `directory_record`, so what is written here and what the `state` service of a gateway
//! reports is one.

use std::collections::BTreeMap;

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_model::{DirectoryRecord, NetworkId, ReportedState, StateFilter, StateId, StoredState, state_type};
use orc8r_store::Store;
use wire_orc8r::orc8r::gateway_directory_service_server::GatewayDirectoryService;
use wire_orc8r::orc8r::{
    AllDirectoryRecords, DeleteRecordRequest, DirectoryField, DirectoryRecord as WireRecord,
    GetDirectoryFieldRequest, UpdateRecordRequest, Void,
};

use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::{GatewayPrincipal, calling_gateway};

/// Longer ids, and longer records, are refused.
const ID_LENGTH_MAX: usize = 512;
const RECORD_BYTES_MAX: usize = 16 << 10;
/// What a gateway may say for "where I am".
const HERE: [&str; 2] = ["", "hwid"];

pub(crate) struct DirectoryServiceImpl {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

#[async_trait]
impl GatewayDirectoryService for DirectoryServiceImpl {
    /// A subscriber is with the gateway that says so last, since that is how one moves from gateway to gateway.
    ///
    /// Deviation: in Magma, a gateway can say that he is with another one; here it can speak for itself alone.
    async fn update_record(&self, request: Request<UpdateRecordRequest>) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let UpdateRecordRequest { id, location, fields } = request.into_inner();
        check_id(&id)?;
        let here = gateway.hardware_id.as_str();
        if !HERE.contains(&location.as_str()) && location != here {
            return Err(Status::permission_denied("a gateway can tell of subscribers at its own place only"));
        }
        let identifiers = fields.into_iter().map(|(name, value)| (name, value.into())).collect();
        let record = DirectoryRecord { location_history: vec![here.to_owned()], identifiers };
        let value = serde_json::to_vec(&record).map_err(|error| Status::internal(error.to_string()))?;
        if value.len() > RECORD_BYTES_MAX {
            return Err(Status::invalid_argument(format!(
                "a record may have at most {RECORD_BYTES_MAX} bytes"
            )));
        }
        let report = ReportedState { id: record_id(id), value, version: 0 };
        let now = self.clock.unix_ms();
        self.store.put_states(&gateway.network, here, vec![report], now).await.map_err(store_failure)?;
        Ok(Response::new(Void {}))
    }

    /// A record that another gateway has written since stays: the subscriber has moved there.
    async fn delete_record(&self, request: Request<DeleteRecordRequest>) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let DeleteRecordRequest { id } = request.into_inner();
        check_id(&id)?;
        let GatewayPrincipal { network, hardware_id, .. } = gateway;
        self.store
            .delete_states(&network, hardware_id.as_str(), vec![record_id(id)])
            .await
            .map_err(store_failure)?;
        Ok(Response::new(Void {}))
    }

    async fn get_directory_field(
        &self,
        request: Request<GetDirectoryFieldRequest>,
    ) -> Result<Response<DirectoryField>, Status> {
        let network = calling_gateway(&request)?.network;
        let GetDirectoryFieldRequest { id, field_key: key } = request.into_inner();
        check_id(&id)?;
        let found = self.store.state(&network, &record_id(id.clone())).await.map_err(store_failure)?;
        let record = found.as_ref().and_then(|state| DirectoryRecord::parse(&state.value));
        let record = record.ok_or_else(|| Status::not_found(format!("there is no directory record {id}")))?;
        let value = record
            .identifier(&key)
            .ok_or_else(|| Status::not_found(format!("directory record {id} has no field {key}")))?;
        Ok(Response::new(DirectoryField { key, value }))
    }

    /// Deviation: Magma reads the wrong layer of what it stored, and answers records without location and fields.
    async fn get_all_directory_records(
        &self,
        request: Request<Void>,
    ) -> Result<Response<AllDirectoryRecords>, Status> {
        let network: NetworkId = calling_gateway(&request)?.network;
        let filter = StateFilter::of_type(state_type::DIRECTORY_RECORD);
        let states = self.store.states(&network, filter).await.map_err(store_failure)?;
        Ok(Response::new(AllDirectoryRecords { records: states.into_iter().filter_map(wire).collect() }))
    }
}

fn check_id(id: &str) -> Result<(), Status> {
    if id.is_empty() || id.len() > ID_LENGTH_MAX {
        return Err(Status::invalid_argument(format!("a record's id has 1 to {ID_LENGTH_MAX} bytes")));
    }
    Ok(())
}

fn record_id(id: String) -> StateId {
    StateId { state_type: state_type::DIRECTORY_RECORD.to_owned(), device_id: id }
}

/// As gateways get it; nothing for what is no record.
fn wire(state: StoredState) -> Option<WireRecord> {
    let record = DirectoryRecord::parse(&state.value)?;
    let names: Vec<_> = record.identifiers.keys().cloned().collect();
    let fields: BTreeMap<_, _> =
        names.into_iter().filter_map(|name| Some((name.clone(), record.identifier(&name)?))).collect();
    Some(WireRecord { id: state.id.device_id, location_history: record.location_history, fields })
}
