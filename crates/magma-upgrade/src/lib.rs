//! Safe upgrades of a gateway: an upgrade is a version, its artefacts, their digests, and a signature.
//!
//! Everything is written down before it is done ([`journal`]), and each step may be done twice, so that after a power cut
//! at any point the next start either goes on or goes back, and never runs something half. A new version is on trial
//! until its services answer and the cloud took a check-in; otherwise the old one comes back by itself.
//!
//! It never runs a shell, never follows a manifest that none of the operator's keys signed, and does not know the agent:
//! what shall run and what is healthy, it is told.

pub mod manifest;
pub mod trust;
pub mod version;

pub mod journal;
pub mod launch;
pub mod layout;

pub mod fetch;
pub mod installer;
pub mod upgrader;

pub mod deb;
pub mod guard;
pub mod oci;
mod slots;

pub mod disk;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod json;
pub mod program;
