//! The ways to install a version. Each does the same six things, and each of them may be done twice.

use std::io;
use std::sync::Arc;

use crate::deb::Deb;
use crate::disk::Disk;
use crate::fetch::{FetchError, Source};
use crate::guard;
use crate::journal::{Journal, Plan};
use crate::layout::Layout;
use crate::manifest::Kind;
use crate::oci::Oci;
use crate::slots;
use crate::upgrader::Running;
use crate::version::{Version, VersionError};

/// How this gateway is upgraded.
#[derive(Debug)]
pub enum Installer {
    /// The agent's own program, in two slots.
    Slots,
    /// Debian packages, by dpkg.
    Deb(Deb),
    /// Container images, by Docker.
    Oci(Oci),
}

/// Why a step did not work.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct InstallError {
    /// In words.
    pub reason: String,
    /// Whether it would fail in the same way again, as far as one can tell.
    pub lasting: bool,
}

impl InstallError {
    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), lasting: true }
    }

    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), lasting: false }
    }
}

impl From<io::Error> for InstallError {
    fn from(error: io::Error) -> Self {
        Self::passing(format!("the disk: {error}"))
    }
}

impl From<FetchError> for InstallError {
    fn from(error: FetchError) -> Self {
        let lasting = matches!(error, FetchError::Contents(_));
        Self { reason: error.to_string(), lasting }
    }
}

impl From<VersionError> for InstallError {
    fn from(error: VersionError) -> Self {
        Self::lasting(format!("what runs now: {error}"))
    }
}

impl Installer {
    /// Which artefacts it takes.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Slots => Kind::Binary,
            Self::Deb(_) => Kind::Deb,
            Self::Oci(_) => Kind::Oci,
        }
    }

    /// The version that runs now.
    pub(crate) async fn current(
        &self,
        journal: &Journal,
        running: &Running,
    ) -> Result<Version, InstallError> {
        match self {
            Self::Slots => match journal.running.as_ref().filter(|slot| Some(slot.name) == running.slot) {
                Some(slot) => Ok(slot.version.clone()),
                None => Ok(Version::parse(&running.packaged)?),
            },
            Self::Deb(deb) => deb.current().await,
            Self::Oci(oci) => oci.current(journal, running),
        }
    }

    /// Brings in whatever has to come from outside.
    pub(crate) async fn fetch(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
        source: &Source,
    ) -> Result<(), InstallError> {
        match self {
            Self::Oci(oci) => return oci.pull(plan).await,
            Self::Deb(deb) => deb.fetch_way_back(disk, layout, plan, source).await?,
            Self::Slots => {}
        }
        for artefact in &plan.artefacts {
            source.file(disk, layout, &plan.version, artefact).await?;
        }
        Ok(())
    }

    /// Puts everything in place, so that the switch needs neither the network nor room on the disk.
    pub(crate) async fn stage(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        match self {
            Self::Slots => Ok(slots::stage(disk.as_ref(), layout, plan)?),
            Self::Deb(deb) => deb.stage(disk, layout, plan).await,
            Self::Oci(oci) => oci.stage(plan).await,
        }
    }

    /// Puts the new version into effect.
    pub(crate) async fn switch(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        match self {
            Self::Slots => Ok(slots::switch(disk.as_ref(), layout, plan)?),
            Self::Deb(deb) => deb.install(layout, &plan.version, &plan.artefacts).await,
            Self::Oci(oci) => oci.switch(plan).await,
        }
    }

    /// Puts the old version into effect again.
    pub(crate) async fn roll_back(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        match self {
            Self::Slots => Ok(slots::roll_back(disk.as_ref(), layout, plan)?),
            Self::Deb(deb) => {
                deb.install(layout, &plan.from, &plan.back).await?;
                Ok(guard::drop_kept(disk.as_ref(), layout)?)
            }
            Self::Oci(oci) => oci.roll_back(plan).await,
        }
    }

    /// Removes what is needed neither by the new version nor for the way back to the one before.
    pub(crate) async fn commit(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        disk.remove(&layout.downloads())?;
        if let Self::Deb(deb) = self {
            guard::drop_kept(disk.as_ref(), layout)?;
            deb.remove_old(disk.as_ref(), layout, plan)?;
        }
        Ok(())
    }
}
