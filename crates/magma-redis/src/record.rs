//! The format of a stored value: `magma.orc8r.RedisState`.

use prost::{DecodeError, Message};
use wire_orc8r::orc8r::RedisState;

/// What a service stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// JSON text or a protobuf message; the type of the table tells which.
    pub message: Vec<u8>,
    /// From 1, one more at each write; marking as garbage is no write.
    pub version: u64,
    /// Deleted here; the cloud may not know yet.
    pub garbage: bool,
}

/// A record as it stands in the store, byte by byte: what two readers compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored(pub Vec<u8>);

impl Stored {
    /// The record in it.
    ///
    /// # Errors
    /// When other bytes than a record stand there.
    pub fn record(&self) -> Result<Record, DecodeError> {
        let state = RedisState::decode(self.0.as_slice())?;
        Ok(Record { message: state.serialized_msg, version: state.version, garbage: state.is_garbage })
    }
}

impl From<Record> for Stored {
    fn from(record: Record) -> Self {
        let Record { message, version, garbage } = record;
        Self(RedisState { serialized_msg: message, version, is_garbage: garbage }.encode_to_vec())
    }
}

impl Record {
    /// What is stored next over `previous`, garbage or not. Magma-compat: a record that comes back after it was marked
    /// as garbage goes on counting.
    pub fn following(previous: Option<&Self>, message: Vec<u8>) -> Self {
        let version = previous.map_or(0, |previous| previous.version).saturating_add(1);
        Self { message, version, garbage: false }
    }
}
