//! Reading a request: the ids in its path and the JSON in its body.

use crate::error::ApiError;
use crate::routes::{Operation, QueryParameter, RequestBody, Takes};
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use orc8r_model::{ChannelId, GatewayId, NetworkId, TierId};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::marker::PhantomData;
use std::str::FromStr;
use wire_rest::{HasSchema, Schema, problems};

/// The id in `/networks/{network_id}…`.
#[derive(Deserialize)]
pub(crate) struct NetworkPath {
    pub(crate) network_id: NetworkId,
}

/// The ids in `/networks/{network_id}/gateways/{gateway_id}…`.
#[derive(Deserialize)]
pub(crate) struct GatewayPath {
    pub(crate) network_id: NetworkId,
    pub(crate) gateway_id: GatewayId,
}

/// The ids in `/networks/{network_id}/tiers/{tier_id}…`.
#[derive(Deserialize)]
pub(crate) struct TierPath {
    pub(crate) network_id: NetworkId,
    pub(crate) tier_id: TierId,
}

/// The id in `/channels/{channel_id}`.
#[derive(Deserialize)]
pub(crate) struct ChannelPath {
    pub(crate) channel_id: ChannelId,
}

/// A number in the one way in which we write it: `+1` and `01` would be further names of the same thing, which no policy
/// on paths has thought of.
pub(crate) fn canonical_number<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|number: &T| number.to_string() == text)
}

/// The same, for an id in a path.
pub(crate) fn number<'de, T: FromStr + ToString, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    canonical_number(&text).ok_or_else(|| D::Error::custom(format_args!("{text:?} is no number")))
}

/// The ids of a path; one that no id can be names nothing, and is 404.
pub(crate) struct Ids<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Ids<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(ids)| Self(ids)).map_err(|rejection| ApiError::NotFound(rejection.body_text()))
    }
}

/// A query all of whose parameters are optional texts: what is not there is empty.
pub(crate) trait TextQuery: DeserializeOwned + Send {
    /// The names of its parameters.
    const NAMES: &'static [&'static str];
}

/// The parameters of a query; unknown ones are passed over.
pub(crate) struct Texts<T>(pub(crate) T);

impl<T: TextQuery, S: Send + Sync> FromRequestParts<S> for Texts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(query)| Self(query)).map_err(|rejection| ApiError::bad(rejection.body_text()))
    }
}

impl<T: TextQuery> Takes for Texts<T> {
    fn describe(operation: &mut Operation) {
        let parameter =
            |name: &&'static str| QueryParameter { name, schema: String::SCHEMA, required: false };
        operation.query.extend(T::NAMES.iter().map(parameter));
    }
}

/// A JSON body that was checked.
///
/// Deviation: Magma insists on `Content-Type: application/json`; here whatever is JSON is taken, as `curl -d` sends it.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: HasSchema + DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read(request, state).await?;
        if is_blank(&bytes) {
            return Err(ApiError::bad("the request has no body: send JSON"));
        }
        parse(&bytes).map(Self)
    }
}

/// A JSON body that was checked; the empty value when there is none.
pub(crate) struct OptionalJsonBody<T>(pub(crate) T);

impl<T: HasSchema + DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = read(request, state).await?;
        if is_blank(&bytes) { Ok(Self(T::default())) } else { parse(&bytes).map(Self) }
    }
}

/// A JSON body that was checked, and is kept as it came: with what the contract does not know.
pub(crate) struct KeptJson<T> {
    pub(crate) json: Value,
    is: PhantomData<T>,
}

impl<T: HasSchema, S: Send + Sync> FromRequest<S> for KeptJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let json = checked(T::SCHEMA, &read(request, state).await?)?;
        Ok(Self { json, is: PhantomData })
    }
}

impl<T: HasSchema> Takes for KeptJson<T> {
    fn describe(operation: &mut Operation) {
        operation.request = Some(RequestBody { schema: T::SCHEMA, required: true });
    }
}

async fn read(request: Request, state: &(impl Send + Sync)) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state).await.map_err(|rejection| match &rejection {
        BytesRejection::FailedToBufferBody(_) if rejection.status().as_u16() == 413 => {
            let megabytes = crate::BODY_BYTES_MAX >> 20;
            ApiError::TooLarge(format!("the body is larger than {megabytes} MiB: send less at once"))
        }
        _ => ApiError::bad(format!("the body cannot be read: {}", rejection.body_text())),
    })
}

/// Refuses a body that names something else than the path does, which alone was authorised.
pub(crate) fn require_same(field: &str, body: &str, path: &impl AsRef<str>) -> Result<(), ApiError> {
    let path = path.as_ref();
    if body == path {
        return Ok(());
    }
    Err(ApiError::bad(format!("{field} in body '{body}' is not that of the path '{path}'")))
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_whitespace)
}

/// Reads the JSON, holds it against the contract, and only then makes its type of it.
fn parse<T: HasSchema + DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    serde_json::from_value(checked(T::SCHEMA, bytes)?).map_err(unfit)
}

fn unfit(error: serde_json::Error) -> ApiError {
    ApiError::bad(format!("the body does not fit: {error}"))
}

fn checked(schema: &Schema, bytes: &[u8]) -> Result<Value, ApiError> {
    let value: Value = serde_json::from_slice(bytes).map_err(unfit)?;
    match problems(schema, &value).as_slice() {
        [] => Ok(value),
        [one] => Err(ApiError::bad(one)),
        many => Err(ApiError::bad(format!("validation failure list:\n{}", many.join("\n")))),
    }
}

impl<T> Takes for Ids<T> {}

impl<T: HasSchema> Takes for JsonBody<T> {
    fn describe(operation: &mut Operation) {
        operation.request = Some(RequestBody { schema: T::SCHEMA, required: true });
    }
}

impl<T: HasSchema> Takes for OptionalJsonBody<T> {
    fn describe(operation: &mut Operation) {
        operation.request = Some(RequestBody { schema: T::SCHEMA, required: false });
    }
}
