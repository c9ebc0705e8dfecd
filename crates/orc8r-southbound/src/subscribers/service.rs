//! The service: is there anything new, what is it, and everything.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_model::{Entity, NetworkId};
use orc8r_store::{ChangedSubscribers, Page, Store, SubscriberView, SyncPosition, SyncProgress};
use prost::{Message, Name};
use prost_types::Any;
use serde::Deserialize;
use wire_lte::lte::subscriber_db_cloud_server::SubscriberDbCloud;
use wire_lte::lte::{
    CheckInSyncRequest, CheckInSyncResponse, ListSubscribersRequest, ListSubscribersResponse, SubscriberData,
    SuciProfileList, SyncRequest, SyncResponse,
};
use wire_orc8r::orc8r::{Changeset, Void};
use wire_rest::types;

use super::cursor::{Claim, root_of, tree_of, tree_on_the_way};
use super::data::{subscriber_data, suci_profile};
use crate::clock::Clock;
use crate::failure::store_failure;
use crate::principal::{GatewayPrincipal, calling_gateway};

/// A gateway lists everything anew after so long, and up to half of it longer, so that not all do at once.
const RESYNC_AFTER: Duration = Duration::from_secs(86_400);
/// The largest page, and the size of one that is not asked for: Magma's limit.
const PAGE_MAX: u32 = 15_000;
/// How many changes an answer looks at.
const CHANGES_MAX: usize = 15_000;
/// How many bytes of subscribers an answer has. The Python gateway takes no answer above 4 MiB.
const ANSWER_BYTES_MAX: usize = 3 << 20;
/// A subscriber's name in an answer takes a few bytes besides.
const DELETED_BYTES: usize = 24;

const CELLULAR: &str = "cellular_network";

pub(crate) struct SubscribersService {
    store: Store,
    clock: Clock,
    /// How many changes an answer looks at.
    changes_max: usize,
}

#[async_trait]
impl SubscriberDbCloud for SubscribersService {
    async fn check_in_sync(
        &self,
        request: Request<CheckInSyncRequest>,
    ) -> Result<Response<CheckInSyncResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        self.require_local_authentication(&gateway.network).await?;
        let root = request.into_inner().root_digest.unwrap_or_default().md5_base64_digest;
        let view = self.view(&gateway).await?;
        let in_sync = root == root_of(&view) && !self.is_resync_due(&gateway).await?;
        Ok(Response::new(CheckInSyncResponse { in_sync }))
    }

    /// Deviation: many changes are told in parts, one for each call, where Magma orders everything anew for more than 500;
    /// the Python gateway fails at that with subscribers in its database.
    async fn sync(&self, request: Request<SyncRequest>) -> Result<Response<SyncResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        self.require_local_authentication(&gateway.network).await?;
        let everything = || Response::new(SyncResponse { resync: true, ..SyncResponse::default() });
        let claim = Claim::of(request.into_inner().leaf_digests);
        let (position, surplus) = match claim {
            Claim::Nothing => return Ok(everything()),
            Claim::Position(_) if self.is_resync_due(&gateway).await? => return Ok(everything()),
            Claim::Position(position) => (position, Vec::new()),
            Claim::Foreign(ids) => {
                let surplus = self.store.not_subscribers(&gateway.network, ids).await;
                (SyncPosition::default(), surplus.map_err(store_failure)?)
            }
        };
        let changed = self
            .store
            .subscribers_changed_after(&gateway.network, &gateway.gateway, position.clone(), self.changes_max)
            .await
            .map_err(store_failure)?;
        let Some(changed) = changed else { return Ok(everything()) };
        self.answer(&gateway, position, changed, surplus).map(Response::new)
    }

    async fn list_subscribers(
        &self,
        request: Request<ListSubscribersRequest>,
    ) -> Result<Response<ListSubscribersResponse>, Status> {
        let gateway = calling_gateway(&request)?;
        self.require_local_authentication(&gateway.network).await?;
        let ListSubscribersRequest { page_size, page_token } = request.into_inner();
        let size = if page_size == 0 { PAGE_MAX } else { page_size.min(PAGE_MAX) };
        let is_first = page_token.is_empty();
        let after = if is_first { None } else { Some(read_token(&page_token)?) };
        let page = Page { size_max: Some(size + 1), after };
        let found = self.store.subscriber_page(&gateway.network, Some(&gateway.gateway), page).await;
        let found = found.map_err(store_failure)?;
        let mut room = ANSWER_BYTES_MAX;
        let mut subscribers = Vec::new();
        let mut last = String::new();
        let count = found.subscribers.len();
        for subscriber in found.subscribers.into_iter().take(size as usize) {
            let id = subscriber.id.key.clone();
            let data = self.data(&gateway.network, subscriber, &found.view)?;
            let bytes = data.encoded_len();
            if bytes > room && !subscribers.is_empty() {
                break;
            }
            room = room.saturating_sub(bytes);
            subscribers.push(data);
            last = id;
        }
        let is_last = subscribers.len() == count;
        if is_last {
            let now = self.clock.unix_seconds();
            let noted = self.store.note_subscriber_resync(&gateway.network, &gateway.gateway, now).await;
            noted.map_err(store_failure)?;
        }
        Ok(Response::new(ListSubscribersResponse {
            subscribers,
            next_page_token: if is_last { String::new() } else { token_after(&last) },
            digests: is_first.then(|| tree_of(&found.view)),
        }))
    }

    async fn list_suci_profiles(&self, request: Request<Void>) -> Result<Response<SuciProfileList>, Status> {
        let gateway = calling_gateway(&request)?;
        let mut network = self.store.network(&gateway.network).await.map_err(store_failure)?;
        let mut config = network.configs.remove(CELLULAR).unwrap_or_default();
        self.store.open_network_config(&gateway.network, CELLULAR, &mut config).map_err(store_failure)?;
        let config = types::NetworkCellularConfigs::deserialize(&config).unwrap_or_default();
        let Some(ngc) = config.ngc else {
            return Err(Status::not_found(format!(
                "network {} has no ngc configuration, and so no SUCI profiles",
                gateway.network
            )));
        };
        let suci_profiles = ngc.suci_profiles.iter().map(suci_profile).collect();
        Ok(Response::new(SuciProfileList { suci_profiles }))
    }
}

impl SubscribersService {
    pub(crate) fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, changes_max: CHANGES_MAX }
    }

    /// The same with shorter answers.
    #[cfg(test)]
    pub(super) fn with_changes_max(self, changes_max: usize) -> Self {
        Self { changes_max, ..self }
    }

    async fn view(&self, gateway: &GatewayPrincipal) -> Result<SubscriberView, Status> {
        self.store.subscriber_view(&gateway.network, Some(&gateway.gateway)).await.map_err(store_failure)
    }

    /// With `cloud_subscriberdb_enabled`, gateways hold no subscribers. Magma answers with an internal error by accident.
    async fn require_local_authentication(&self, network: &NetworkId) -> Result<(), Status> {
        let found = self.store.network(network).await.map_err(store_failure)?;
        let epc = found.configs.get(CELLULAR).and_then(|config| config.get("epc"));
        let in_cloud = epc.and_then(|epc| epc.get("cloud_subscriberdb_enabled"));
        if in_cloud.and_then(serde_json::Value::as_bool) == Some(true) {
            return Err(Status::failed_precondition(format!(
                "network {network} authenticates its subscribers in the cloud (cloud_subscriberdb_enabled): gateways get none"
            )));
        }
        Ok(())
    }

    async fn is_resync_due(&self, gateway: &GatewayPrincipal) -> Result<bool, Status> {
        let last = self.store.last_subscriber_resync(&gateway.network, &gateway.gateway).await;
        let last = last.map_err(store_failure)?;
        // Who has taken changes only, and never everything, begins to count with the first question.
        let Some(last) = last else {
            let now = self.clock.unix_seconds();
            let noted = self.store.note_subscriber_resync(&gateway.network, &gateway.gateway, now).await;
            return noted.map(|()| false).map_err(store_failure);
        };
        Ok(self.clock.unix_seconds() - last > resync_after(gateway.gateway.as_str()))
    }

    fn data(
        &self,
        network: &NetworkId,
        mut subscriber: Entity,
        view: &SubscriberView,
    ) -> Result<SubscriberData, Status> {
        self.store.open_entity(network, &mut subscriber).map_err(store_failure)?;
        Ok(subscriber_data(network, &subscriber, view))
    }

    fn answer(
        &self,
        gateway: &GatewayPrincipal,
        position: SyncPosition,
        changed: ChangedSubscribers,
        surplus: Vec<String>,
    ) -> Result<SyncResponse, Status> {
        let ChangedSubscribers { view, present, deleted, cut_after } = changed;
        let mut room = ANSWER_BYTES_MAX.saturating_sub((surplus.len() + deleted.len()) * DELETED_BYTES);
        let mut cut_after = cut_after;
        let mut to_renew = Vec::new();
        let mut last = None;
        for subscriber in present {
            let id = subscriber.id.key.clone();
            let any = any(&self.data(&gateway.network, subscriber, &view)?);
            if any.value.len() > room && last.is_some() {
                cut_after = last.clone();
                break;
            }
            room = room.saturating_sub(any.value.len());
            to_renew.push(any);
            last = Some(id);
        }
        let digests = match cut_after {
            None => tree_of(&view),
            Some(upto) => {
                let resources = view.resources_digest();
                let progress = Some(SyncProgress { point: view.point, resources, upto });
                tree_on_the_way(&SyncPosition { progress, ..position })
            }
        };
        let deleted = surplus.into_iter().chain(deleted).collect();
        let changeset = Some(Changeset { to_renew, deleted });
        Ok(SyncResponse { resync: false, digests: Some(digests), changeset })
    }
}

/// Spread by the gateway's name over half the time, as an existing Orchestrator does it (FNV-1a, 32 bits).
fn resync_after(gateway: &str) -> i64 {
    let hash = gateway
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let seconds = i64::try_from(RESYNC_AFTER.as_secs()).unwrap_or(i64::MAX);
    seconds + seconds * i64::from(hash % 100) / 200
}

fn any(data: &SubscriberData) -> Any {
    Any {
        type_url: format!("type.googleapis.com/{}", SubscriberData::full_name()),
        value: data.encode_to_vec(),
    }
}

/// `EntityPageToken{last_included_entity = 1}`, in base64.
#[derive(Clone, PartialEq, Message)]
struct PageToken {
    #[prost(string, tag = "1")]
    last_included_entity: String,
}

fn token_after(id: &str) -> String {
    STANDARD.encode(PageToken { last_included_entity: id.to_owned() }.encode_to_vec())
}

fn read_token(token: &str) -> Result<String, Status> {
    let message = STANDARD.decode(token).ok().and_then(|bytes| PageToken::decode(&bytes[..]).ok());
    message
        .map(|message| message.last_included_entity)
        .ok_or_else(|| Status::invalid_argument("the page token is none that a page before gave"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_come_back_at_different_times_within_half_a_day() {
        let times: Vec<i64> = (0..50).map(|number| resync_after(&format!("gw{number}"))).collect();
        assert!(times.iter().all(|time| (86_400..129_600).contains(time)), "{times:?}");
        assert!(times.iter().collect::<std::collections::BTreeSet<_>>().len() > 20, "{times:?}");
        // FNV-1a of "a" is 0xe40c292c, 3826002220.
        assert_eq!(resync_after("a"), 86_400 + 8_640);
    }
}
