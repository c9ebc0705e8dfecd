//! The JSON of messages that the services of a gateway keep as state.

use serde_json::Value;

use crate::tables::{STATE, Tables};
use crate::{EncodeError, to_json};

/// The message types of state that existing gateways replicate.
///
/// It refers to constants: to make one costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct StateTypes {
    tables: &'static Tables,
}

impl StateTypes {
    /// Those of the contract that this program was built with.
    pub fn load() -> Self {
        Self { tables: &STATE }
    }

    /// Whether there is a message of this full name.
    pub fn knows(&self, type_name: &str) -> bool {
        self.tables.message_named(type_name).is_some()
    }

    /// The canonical JSON of one message, as [`crate::MconfigTypes::encode`] makes it.
    ///
    /// # Errors
    /// [`EncodeError`] when the type is not known or the bytes are not such a message.
    pub fn encode(&self, type_name: &str, message: &[u8]) -> Result<Value, EncodeError> {
        let unknown = || EncodeError::UnknownType { type_name: type_name.to_owned() };
        let found = self.tables.message_named(type_name).ok_or_else(unknown)?;
        let object = to_json::object(self.tables, found, message);
        object.map(Value::Object).map_err(|failure| EncodeError::new(type_name, failure))
    }
}
