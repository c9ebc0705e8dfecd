//! `POST /networks/{network_id}/prometheus/alert_receiver/{receiver}/test`: tells a receiver something, as an alert would,
//! and says what became of it. Ours.

use crate::Api;
use crate::alert_receivers::ReceiverPath;
use crate::alerts::one;
use crate::clock::signed_milliseconds;
use crate::error::ApiError;
use crate::request::Ids;
use crate::routes::Routes;
use axum::Json;
use axum::extract::State;
use orc8r_alerts::{Busy, Notification, check};
use orc8r_store::AlertKind;
use serde::Serialize;
use serde_json::Value;
use wire_rest::{Definition, Field, HasSchema, List, Schema, Text};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/networks/{network_id}/prometheus/alert_receiver/{receiver}/test", try_out)
}

/// What became of the messages.
#[derive(Serialize)]
struct Trial {
    ways: Vec<Way>,
}

/// One of the receiver's ways.
#[derive(Serialize)]
struct Way {
    /// `webhook`, `slack`, `email`, `pagerduty` or `pushover`.
    kind: &'static str,
    /// Why the message was not taken; empty: it was.
    problem: String,
}

/// The message goes out from here, once by each way, to where alerts may go.
async fn try_out(State(api): State<Api>, Ids(path): Ids<ReceiverPath>) -> Result<Json<Trial>, ApiError> {
    let (network, name) = (&path.network_id, path.receiver.as_str());
    let receiver = one::<Value>(&api, network, AlertKind::Receiver, name).await?;
    let mut receiver = receiver.ok_or_else(|| ApiError::not_found(format_args!("receiver {name}")))?;
    api.store.open_receiver(network.as_str(), name, &mut receiver)?;
    let receiver = check::receiver(&receiver).map_err(ApiError::bad)?;
    let outbox = api.outbox.as_ref().ok_or_else(|| {
        ApiError::Unavailable("an Alertmanager of yours tells receivers: try it there".to_owned())
    })?;
    let notification = Notification::trial(network.as_str(), name, signed_milliseconds());
    let tried = outbox.try_out(&receiver, &notification).await;
    let tried = tried.map_err(|Busy| {
        ApiError::Unavailable("other receivers are being tried: try again in a minute".to_owned())
    })?;
    let ways =
        tried.into_iter().map(|tried| Way { kind: tried.kind, problem: tried.problem.unwrap_or_default() });
    Ok(Json(Trial { ways: ways.collect() }))
}

impl HasSchema for Trial {
    const SCHEMA: &'static Schema = &Schema::Named(&TRIAL);
}

static TRIAL: Definition = Definition {
    name: "alert_receiver_trial",
    schema: Schema::Object(&[Field {
        name: "ways",
        required: true,
        empty_is_absent: false,
        schema: Schema::List(List {
            item: &Schema::Named(&WAY),
            min_items: None,
            max_items: None,
            unique: false,
        }),
    }]),
};

static WAY: Definition =
    Definition { name: "alert_receiver_trial_way", schema: Schema::Object(&[text("kind"), text("problem")]) };

const fn text(name: &'static str) -> Field {
    Field { name, required: true, empty_is_absent: false, schema: Schema::Text(Text::ANY) }
}
