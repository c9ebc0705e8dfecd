//! `gateway.mconfig` on disk: the stored one, the last good copy of it, and the default that the gateway shipped with.

use std::path::PathBuf;

use super::{GatewayMconfig, MconfigError};
use crate::{Magmad, Paths};

/// Where `gateway.mconfig` is kept on this gateway.
#[derive(Clone, Debug)]
pub struct MconfigStore {
    stored: PathBuf,
    shipped: Vec<PathBuf>,
}

/// A document that was read, and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The document.
    pub mconfig: GatewayMconfig,
    /// The file that it came from.
    pub path: PathBuf,
    /// Why it is not the stored one, when that one was there but could not be used.
    pub fell_back: Option<String>,
}

impl MconfigStore {
    /// The store of a gateway with this layout and these settings.
    pub fn new(paths: &Paths, magmad: &Magmad) -> Self {
        let _ = (paths, magmad);
        unimplemented!("being written")
    }

    /// The file that the cloud's document is stored in.
    pub fn stored_path(&self) -> &std::path::Path {
        &self.stored
    }

    /// The first usable of: stored, last good, shipped default. A corrupt stored one is put aside.
    pub fn load(&self) -> Result<Loaded, MconfigError> {
        let _ = &self.shipped;
        unimplemented!("being written")
    }

    /// The same as [`MconfigStore::load`] without touching any file.
    pub fn peek(&self) -> Result<Loaded, MconfigError> {
        unimplemented!("being written")
    }

    /// Stores a document from the cloud.
    pub fn save(&self, mconfig: &GatewayMconfig) -> Result<(), MconfigError> {
        let _ = mconfig;
        unimplemented!("being written")
    }

    /// Forgets what the cloud sent: the next load gives the shipped default.
    pub fn delete(&self) -> Result<(), MconfigError> {
        unimplemented!("being written")
    }
}
