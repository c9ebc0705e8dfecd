//! `POST /networks/{network_id}/prometheus/alert_config/predefined`: the rules that a new network begins with, as they
//! are now. Ours; the existing web UI writes its own by `alert_config`.

use crate::Api;
use crate::alerts::{one, put_each};
use crate::error::ApiError;
use crate::request::{Ids, NetworkPath};
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_alerts::predefined;
use orc8r_model::NetworkId;
use orc8r_store::AlertKind;
use wire_rest::types::{AlertBulkUploadResponse, PromAlertConfig};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/networks/{network_id}/prometheus/alert_config/predefined", put_predefined)
}

/// Those that were changed or deleted come back; others stay.
async fn put_predefined(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<AlertBulkUploadResponse>, ApiError> {
    let network = api.store.network(&path.network_id).await?;
    Ok(Json(put_each(&api, &network.id, predefined(&network.network_type)).await))
}

/// Gives a new network its rules. It is there already, so that what fails here is told in the log alone.
pub(crate) async fn begin_with(api: &Api, network: &NetworkId, network_type: &str) {
    let AlertBulkUploadResponse { errors, .. } = put_each(api, network, predefined(network_type)).await;
    if let Some((rule, error)) = errors.first_key_value() {
        tracing::warn!(%network, rule, error, "a new network lacks predefined alert rules");
    }
}

/// Whether the network has this rule as it began with it.
pub(crate) async fn is_as_it_began(api: &Api, network: &NetworkId, name: &str) -> Result<bool, ApiError> {
    let Some(kept) = one::<PromAlertConfig>(api, network, AlertKind::Rule, name).await? else {
        return Ok(false);
    };
    let network = api.store.network(network).await?;
    Ok(predefined(&network.network_type).contains(&kept))
}
