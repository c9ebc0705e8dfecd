//! Answers `magma.orc8r.GatewayDirectoryService`.

use std::sync::Arc;

use magma_redis::{Record, RecordStore, Scan, StoreError, update};
use magma_rpc::{Code, Request, Response, Status, tonic};
use wire_orc8r::orc8r::gateway_directory_service_server::{
    GatewayDirectoryService as Contract, GatewayDirectoryServiceServer,
};
use wire_orc8r::orc8r::{
    AllDirectoryRecords, DeleteRecordRequest, DirectoryField, DirectoryRecord as WireRecord,
    GetDirectoryFieldRequest, UpdateRecordRequest, Void,
};

use crate::{DirectoryRecord, RECORD_BYTES_MAX};

/// The longest id in bytes; `IMSI` and its number have 19.
const ID_BYTES_MAX: usize = 256;
/// What a client of gRPC takes as one answer, unless it is told otherwise: 4 MiB, less what surrounds it.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024 - 1024;

/// What becomes of a record that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is marked as garbage, until the state replication has told the cloud and removes it.
    Mark,
    /// It is removed, since nothing replicates it.
    Remove,
}

/// The directory of one gateway.
pub struct Directory {
    store: Arc<dyn RecordStore>,
    hardware_id: String,
    deletion: Deletion,
}

impl Directory {
    /// A directory of the records in `store`, for the gateway of this hardware id.
    pub fn new(store: Arc<dyn RecordStore>, hardware_id: &str, deletion: Deletion) -> Self {
        Self { store, hardware_id: hardware_id.to_owned(), deletion }
    }

    /// The gRPC service, to be added to a router.
    pub fn into_server(self) -> GatewayDirectoryServiceServer<Self> {
        GatewayDirectoryServiceServer::new(self)
    }

    async fn update(&self, request: UpdateRecordRequest) -> Result<(), Status> {
        check_id(&request.id)?;
        let mut too_large = false;
        // Magma-compat: the request's location is not looked at; who asks is on this gateway.
        let updated = update(&*self.store, &request.id, |before| {
            let present = before.as_ref().filter(|record| !record.garbage);
            let former = present.and_then(|record| DirectoryRecord::parse(&record.message));
            let mut record = former.clone().unwrap_or_default();
            record.moved_to(&self.hardware_id);
            record.identifiers.extend(request.fields.clone());
            // Deviation: what does not change is not written, so that it is not sent to the cloud again either.
            if former.as_ref() == Some(&record) {
                return None;
            }
            let message = record.to_json();
            too_large = message.len() > RECORD_BYTES_MAX;
            (!too_large).then(|| Record::following(before.as_ref(), message))
        });
        updated.await.map_err(status_of)?;
        if too_large {
            let text = format!("the record would be larger than {RECORD_BYTES_MAX} bytes; use fewer fields");
            return Err(Status::resource_exhausted(text));
        }
        Ok(())
    }

    async fn delete(&self, id: &str) -> Result<(), Status> {
        check_id(id)?;
        let mut marked = None;
        update(&*self.store, id, |before| {
            let record = before.filter(|record| !record.garbage)?;
            // Magma-compat: the version stays.
            marked = Some(Record { garbage: true, ..record });
            marked.clone()
        })
        .await
        .map_err(status_of)?;
        let marked = marked.ok_or_else(|| not_found(id))?;
        if self.deletion == Deletion::Remove {
            self.store.remove(id, &marked.into()).await.map_err(status_of)?;
        }
        Ok(())
    }

    async fn field(&self, id: &str, key: &str) -> Result<String, Status> {
        check_id(id)?;
        let stored = self.store.get(id).await.map_err(status_of)?;
        let record = stored.and_then(|stored| present(&stored)).ok_or_else(|| not_found(id))?;
        let field = record.identifiers.get(key).cloned();
        field.ok_or_else(|| Status::not_found(format!("the record has no field {key:?}")))
    }

    async fn all(&self) -> Result<Vec<WireRecord>, Status> {
        let (mut records, mut bytes, mut scan) = (Vec::new(), 0, Scan::new(&*self.store));
        while let Some((id, stored)) = scan.next().await.map_err(status_of)? {
            let Some(stored) = stored else { continue };
            let Some(record) = present(&stored) else { continue };
            bytes += id.len() + stored.0.len();
            if bytes > ANSWER_BYTES_MAX {
                let text = "the directory is larger than one answer can be; ask for single records";
                return Err(Status::resource_exhausted(text));
            }
            records.push(to_wire(id, record));
        }
        // A scan may return a record twice.
        records.sort_by(|a: &WireRecord, b| a.id.cmp(&b.id));
        records.dedup_by(|a, b| a.id == b.id);
        Ok(records)
    }
}

#[tonic::async_trait]
impl Contract for Directory {
    async fn update_record(&self, request: Request<UpdateRecordRequest>) -> Result<Response<Void>, Status> {
        self.update(request.into_inner()).await?;
        Ok(Response::new(Void {}))
    }

    async fn delete_record(&self, request: Request<DeleteRecordRequest>) -> Result<Response<Void>, Status> {
        self.delete(&request.get_ref().id).await?;
        Ok(Response::new(Void {}))
    }

    async fn get_directory_field(
        &self,
        request: Request<GetDirectoryFieldRequest>,
    ) -> Result<Response<DirectoryField>, Status> {
        let GetDirectoryFieldRequest { id, field_key: key } = request.into_inner();
        let value = self.field(&id, &key).await?;
        Ok(Response::new(DirectoryField { key, value }))
    }

    async fn get_all_directory_records(
        &self,
        _: Request<Void>,
    ) -> Result<Response<AllDirectoryRecords>, Status> {
        Ok(Response::new(AllDirectoryRecords { records: self.all().await? }))
    }
}

/// The record in what is stored, unless it is garbage or no record.
fn present(stored: &magma_redis::Stored) -> Option<DirectoryRecord> {
    let record = stored.record().ok().filter(|record| !record.garbage)?;
    DirectoryRecord::parse(&record.message)
}

fn to_wire(id: String, record: DirectoryRecord) -> WireRecord {
    WireRecord { id, location_history: record.location_history, fields: record.identifiers }
}

fn check_id(id: &str) -> Result<(), Status> {
    if id.is_empty() {
        return Err(Status::invalid_argument("the request has no id"));
    }
    if id.len() > ID_BYTES_MAX || id.contains(char::is_control) {
        let text = format!("the id must have at most {ID_BYTES_MAX} bytes and no control characters");
        return Err(Status::invalid_argument(text));
    }
    Ok(())
}

/// The id is not repeated: a subscriber's number does not belong into logs.
fn not_found(_: &str) -> Status {
    Status::not_found("there is no record of this id")
}

fn status_of(error: StoreError) -> Status {
    let code = match &error {
        StoreError::Redis(_) | StoreError::File { .. } => Code::Unavailable,
        StoreError::Full { .. } | StoreError::Endless { .. } => Code::ResourceExhausted,
        StoreError::Contended { .. } => Code::Aborted,
        StoreError::TooLarge { .. } => Code::DataLoss,
    };
    Status::new(code, error.to_string())
}
