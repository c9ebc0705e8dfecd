//! The hardware id: the one name by which a cloud knows a gateway, kept in `/etc/snowflake`.

use std::fmt;
use std::path::Path;

use crate::IdentityError;

/// A gateway's hardware id: text in the shape of a UUID, in the case in which the file has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HardwareId(String);

impl HardwareId {
    /// Accepts any text in the shape of a UUID, with or without white space around it.
    pub fn parse(text: &str) -> Result<Self, IdentityError> {
        Ok(Self(text.trim().to_owned()))
    }

    /// Reads the id of this gateway.
    pub fn load(file: &Path) -> Result<Self, IdentityError> {
        let _ = file;
        unimplemented!("being written")
    }

    /// Reads the id of this gateway, and makes one when there is none.
    pub fn load_or_create(file: &Path) -> Result<Self, IdentityError> {
        let _ = file;
        unimplemented!("being written")
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HardwareId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
