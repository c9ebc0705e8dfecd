//! `/networks/{network_id}/dns`: the names that a network resolves by itself.

use crate::Api;
use crate::error::ApiError;
use crate::network_fields::{Config, read_config, remove, replace_config};
use crate::networks::{config, to_json};
use crate::request::{Ids, JsonBody, NetworkPath, require_same};
use crate::retry::while_changed;
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::{NetworkId, NetworkUpdate, network_config};
use serde::Deserialize;
use wire_rest::types::{DnsConfigRecord, NetworkDnsConfig};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/networks/{network_id}/dns", read_config::<NetworkDnsConfig>)
        .put("/networks/{network_id}/dns", replace_config::<NetworkDnsConfig>)
        .delete("/networks/{network_id}/dns", remove::<NetworkDnsConfig>)
        .merge(records_routes(
            "/networks/{network_id}/dns/records",
            "/networks/{network_id}/dns/records/{domain}",
        ))
}

/// The records of a network, all of them and each.
pub(crate) fn records_routes(all: &'static str, each: &'static str) -> Routes {
    Routes::new()
        .get(all, list)
        .put(all, replace_all)
        .get(each, read)
        .post(each, create)
        .put(each, replace)
        .delete(each, delete)
}

impl Config for NetworkDnsConfig {
    const TYPE: &str = network_config::DNS;
}

#[derive(Deserialize)]
struct RecordPath {
    network_id: NetworkId,
    domain: String,
}

impl RecordPath {
    /// The record is the path's.
    fn require(&self, body: &DnsConfigRecord) -> Result<(), ApiError> {
        require_same("domain", &body.domain, &self.domain)
    }

    fn none(&self) -> ApiError {
        ApiError::not_found(format_args!("DNS record {} of network {}", self.domain, self.network_id))
    }

    fn place_in(&self, records: &[DnsConfigRecord]) -> Result<usize, ApiError> {
        records.iter().position(|record| record.domain == self.domain).ok_or_else(|| self.none())
    }
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<Vec<DnsConfigRecord>>, ApiError> {
    let (dns, _) = load(&api, &path.network_id).await?;
    Ok(Json(dns.records))
}

async fn replace_all(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<Vec<DnsConfigRecord>>,
) -> Result<NoContent, ApiError> {
    change(&api, &path.network_id, |records| {
        records.clone_from(&body);
        Ok(())
    })
    .await
}

async fn read(State(api): State<Api>, Ids(path): Ids<RecordPath>) -> Result<Json<DnsConfigRecord>, ApiError> {
    let (dns, _) = load(&api, &path.network_id).await?;
    let place = path.place_in(&dns.records)?;
    dns.records.into_iter().nth(place).map(Json).ok_or_else(|| path.none())
}

async fn create(
    State(api): State<Api>,
    Ids(path): Ids<RecordPath>,
    JsonBody(body): JsonBody<DnsConfigRecord>,
) -> Result<Created, ApiError> {
    path.require(&body)?;
    let create = |records: &mut Vec<DnsConfigRecord>| {
        if path.place_in(records).is_ok() {
            return Err(ApiError::bad(format!("DNS record {} already exists", path.domain)));
        }
        records.push(body.clone());
        Ok(())
    };
    change(&api, &path.network_id, create).await.map(|_| Created)
}

async fn replace(
    State(api): State<Api>,
    Ids(path): Ids<RecordPath>,
    JsonBody(body): JsonBody<DnsConfigRecord>,
) -> Result<NoContent, ApiError> {
    path.require(&body)?;
    let replace = |records: &mut Vec<DnsConfigRecord>| {
        let place = path.place_in(records)?;
        records[place] = body.clone();
        Ok(())
    };
    change(&api, &path.network_id, replace).await
}

async fn delete(State(api): State<Api>, Ids(path): Ids<RecordPath>) -> Result<NoContent, ApiError> {
    let delete = |records: &mut Vec<DnsConfigRecord>| {
        let place = path.place_in(records)?;
        records.remove(place);
        Ok(())
    };
    change(&api, &path.network_id, delete).await
}

/// The DNS configuration of a network, and the network's version.
async fn load(api: &Api, id: &NetworkId) -> Result<(NetworkDnsConfig, u64), ApiError> {
    let network = api.store.network(id).await?;
    let dns = config(&network, network_config::DNS)?;
    let dns =
        dns.ok_or_else(|| ApiError::not_found(format_args!("{} of network {id}", network_config::DNS)))?;
    Ok((dns, network.version))
}

/// Changes the records of a network's DNS configuration.
async fn change(
    api: &Api,
    id: &NetworkId,
    edit: impl Fn(&mut Vec<DnsConfigRecord>) -> Result<(), ApiError>,
) -> Result<NoContent, ApiError> {
    while_changed(async || {
        let (mut dns, version) = load(api, id).await?;
        edit(&mut dns.records)?;
        let update = NetworkUpdate::config(network_config::DNS, Some(to_json(&dns)?));
        Ok(api.store.update_network(id, NetworkUpdate { if_version: Some(version), ..update }).await?)
    })
    .await?;
    Ok(NoContent)
}
