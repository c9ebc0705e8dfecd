//! `/tenants`: the organisations that own networks.

use crate::Api;
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, require_same};
use crate::routes::{Created, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::Tenant;
use serde::Deserialize;
use wire_rest::types;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/tenants", list)
        .post("/tenants", create)
        .get("/tenants/{tenant_id}", read)
        .put("/tenants/{tenant_id}", update)
        .delete("/tenants/{tenant_id}", delete)
        .get("/tenants/{tenant_id}/control_proxy", read_control_proxy)
        .put("/tenants/{tenant_id}/control_proxy", replace_control_proxy)
}

/// The id in `/tenants/{tenant_id}…`.
#[derive(Deserialize)]
pub(crate) struct TenantPath {
    #[serde(deserialize_with = "crate::request::number")]
    pub(crate) tenant_id: i64,
}

async fn list(State(api): State<Api>) -> Result<Json<Vec<types::Tenant>>, ApiError> {
    let tenants = api.store.tenants().await?;
    Ok(Json(tenants.into_iter().map(to_body).collect()))
}

async fn create(
    State(api): State<Api>,
    JsonBody(body): JsonBody<types::Tenant>,
) -> Result<Created, ApiError> {
    api.store.create_tenant(from_body(body)).await?;
    Ok(Created)
}

async fn read(State(api): State<Api>, Ids(path): Ids<TenantPath>) -> Result<Json<types::Tenant>, ApiError> {
    Ok(Json(to_body(api.store.tenant(path.tenant_id).await?)))
}

async fn update(
    State(api): State<Api>,
    Ids(path): Ids<TenantPath>,
    JsonBody(body): JsonBody<types::Tenant>,
) -> Result<NoContent, ApiError> {
    require_same("id", &body.id.to_string(), &path.tenant_id.to_string())?;
    api.store.update_tenant(from_body(body)).await?;
    Ok(NoContent)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<TenantPath>) -> Result<NoContent, ApiError> {
    api.store.delete_tenant(path.tenant_id).await?;
    Ok(NoContent)
}

async fn read_control_proxy(
    State(api): State<Api>,
    Ids(path): Ids<TenantPath>,
) -> Result<Json<types::ControlProxy>, ApiError> {
    let text = api.store.tenant_control_proxy(path.tenant_id).await?;
    let none = || ApiError::not_found(format_args!("control_proxy of tenant {}", path.tenant_id));
    Ok(Json(types::ControlProxy { control_proxy: text.ok_or_else(none)? }))
}

async fn replace_control_proxy(
    State(api): State<Api>,
    Ids(path): Ids<TenantPath>,
    JsonBody(body): JsonBody<types::ControlProxy>,
) -> Result<NoContent, ApiError> {
    api.store.set_tenant_control_proxy(path.tenant_id, &body.control_proxy).await?;
    Ok(NoContent)
}

fn to_body(tenant: Tenant) -> types::Tenant {
    let Tenant { id, name, networks } = tenant;
    types::Tenant {
        id,
        name: Some(name).filter(|name| !name.is_empty()),
        networks: networks.into_iter().collect(),
    }
}

fn from_body(body: types::Tenant) -> Tenant {
    Tenant { id: body.id, name: body.name.unwrap_or_default(), networks: body.networks.into_iter().collect() }
}
