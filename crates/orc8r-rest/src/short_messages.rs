//! `/lte/{network_id}/sms`: short messages that operators send to subscribers.

use crate::Api;
use crate::clock::{date_time, unix_seconds};
use crate::error::ApiError;
use crate::request::{Ids, JsonBody, NetworkPath};
use crate::routes::{CreatedJson, NoContent, Routes};
use axum::Json;
use axum::extract::State;
use orc8r_model::NetworkId;
use orc8r_sms::{Source, Text};
use orc8r_store::{NewShortMessage, ShortMessage, ShortMessageStatus};
use serde::Deserialize;
use wire_rest::types::{MutableSmsMessage, SmsMessage};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/sms", list)
        .post("/lte/{network_id}/sms", create)
        .get("/lte/{network_id}/sms/{sms_pk}", read)
        .delete("/lte/{network_id}/sms/{sms_pk}", delete)
}

#[derive(Deserialize)]
struct MessagePath {
    network_id: NetworkId,
    #[serde(deserialize_with = "crate::request::number")]
    sms_pk: u64,
}

async fn list(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
) -> Result<Json<Vec<SmsMessage>>, ApiError> {
    let messages = api.store.short_messages(&path.network_id, unix_seconds()).await?;
    messages.into_iter().map(shown).collect::<Result<_, _>>().map(Json)
}

/// Deviation: what no phone could take is refused here; in Magma it stays, and keeps a gateway from all messages.
async fn create(
    State(api): State<Api>,
    Ids(path): Ids<NetworkPath>,
    JsonBody(body): JsonBody<MutableSmsMessage>,
) -> Result<CreatedJson<String>, ApiError> {
    let MutableSmsMessage { imsi, source_msisdn: source, message: text } = body;
    Source::parse(&source).map_err(|error| ApiError::bad(format!("source_msisdn: {error}")))?;
    let parts = Text::new(&text).map_err(|error| ApiError::bad(error.to_string()))?.part_count();
    let message = NewShortMessage { imsi, source, text, parts };
    let number = api.store.create_short_message(&path.network_id, message, unix_seconds()).await?;
    Ok(CreatedJson(number.to_string()))
}

async fn read(State(api): State<Api>, Ids(path): Ids<MessagePath>) -> Result<Json<SmsMessage>, ApiError> {
    let message = api.store.short_message(&path.network_id, path.sms_pk, unix_seconds()).await?;
    shown(message).map(Json)
}

async fn delete(State(api): State<Api>, Ids(path): Ids<MessagePath>) -> Result<NoContent, ApiError> {
    api.store.delete_short_message(&path.network_id, path.sms_pk).await?;
    Ok(NoContent)
}

fn shown(kept: ShortMessage) -> Result<SmsMessage, ApiError> {
    let status = match kept.status {
        ShortMessageStatus::Waiting => "Waiting",
        ShortMessageStatus::Delivered => "Delivered",
        ShortMessageStatus::Failed => "Failed",
    };
    Ok(SmsMessage {
        pk: kept.number.to_string(),
        status: status.to_owned(),
        imsi: kept.message.imsi,
        source_msisdn: kept.message.source,
        message: kept.message.text,
        time_created: date_time(kept.created_at)?,
        time_last_attempted: kept.attempted_at.map(date_time).transpose()?,
        attempt_count: kept.attempts.into(),
        error_status: kept.error,
    })
}
