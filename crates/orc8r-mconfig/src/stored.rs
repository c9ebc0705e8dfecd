//! Reads the configurations that the store keeps, as JSON of the REST models.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::GatewayNeighbourhood;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::entries::EntryError;

/// One of the network's configurations; `None` when the network has none of this type.
pub(crate) fn network_config<T: DeserializeOwned>(
    neighbourhood: &GatewayNeighbourhood,
    what: &'static str,
    config_type: &str,
) -> Result<Option<T>, EntryError> {
    neighbourhood.network.configs.get(config_type).map_or(Ok(None), |config| parse(what, config))
}

/// One member of a configuration, read by itself, so that a mistake in another one does not matter. `None` when it is
/// absent or `null`.
pub(crate) fn member<T: DeserializeOwned>(
    what: &'static str,
    config: &Value,
    name: &str,
) -> Result<Option<T>, EntryError> {
    config
        .get(name)
        .filter(|member| !member.is_null())
        .map_or(Ok(None), |member| parse(what, member).map(Some))
}

/// A whole configuration.
pub(crate) fn parse<T: DeserializeOwned>(what: &'static str, config: &Value) -> Result<T, EntryError> {
    T::deserialize(config).map_err(|error| unusable(what, error.to_string()))
}

/// The configuration of one of many; `name` says of which.
pub(crate) fn parse_one<T: DeserializeOwned>(
    what: &'static str,
    name: &str,
    config: Option<&Value>,
) -> Result<T, EntryError> {
    let config = config.ok_or_else(|| unusable(what, format!("{name} has none")))?;
    T::deserialize(config).map_err(|error| unusable(what, format!("{name}: {error}")))
}

/// A configuration that cannot be used.
pub(crate) fn unusable(what: &'static str, reason: String) -> EntryError {
    EntryError::Config { what, reason }
}

/// The bytes of a field that is base64 in JSON. An error does not show them: they may be a secret.
pub(crate) fn base64(what: &'static str, field: &str, text: Option<String>) -> Result<Vec<u8>, EntryError> {
    let decoded = STANDARD.decode(text.unwrap_or_default());
    decoded.map_err(|error| unusable(what, format!("{field} is not base64: {error}")))
}
