//! Debian packages: all packages of a version in one call of dpkg, and those of the version before kept for the way back.
//!
//! dpkg is given file names that were checked and files that were verified; it never asks, and takes the configuration
//! files of the new package, as Magma's packages expect.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::disk::Disk;
use crate::fetch::{Source, is_here};
use crate::guard;
use crate::installer::InstallError;
use crate::journal::Plan;
use crate::layout::Layout;
use crate::manifest::Artefact;
use crate::program;
use crate::version::Version;

/// Scripts of packages may restart many services.
const INSTALL_LIMIT: Duration = Duration::from_secs(30 * 60);
const QUERY_LIMIT: Duration = Duration::from_secs(60);
/// How soon it is looked again whether another call of dpkg has ended.
const BUSY_EVERY: Duration = Duration::from_secs(5);
/// What dpkg and systemd-run say, in the language that they are told to speak, while another call is at work.
const BUSY: [&str; 3] = ["locked by another process", "already loaded", "already exists"];

/// dpkg of this machine.
#[derive(Clone, Debug)]
pub struct Deb {
    /// The package whose version is the gateway's: `magma` on Magma's gateways.
    pub package: String,
    /// The words before dpkg's own options, its name first. Where packages restart the agent, something has to stand here
    /// that keeps dpkg alive when the agent ends, such as `systemd-run --wait`.
    pub install: Vec<String>,
    /// The words before dpkg-query's own options.
    pub query: Vec<String>,
    /// A program that succeeds while packages are being installed for the agent in a place of their own; empty where they
    /// are installed below the agent.
    pub busy: Vec<String>,
    /// The agent's own program, which is kept for [`crate::guard`]; none where no init system would run it.
    pub program: Option<PathBuf>,
}

impl Deb {
    /// The installed version.
    pub(crate) async fn current(&self) -> Result<Version, InstallError> {
        let (status, version) = self.state_of(&self.package).await?;
        if !status.starts_with("install ") {
            return Err(InstallError::passing(format!("the package {} is not installed", self.package)));
        }
        // Without an epoch and without what a distribution appends.
        let upstream = version.rsplit(':').next().and_then(|rest| rest.split(['~', '+']).next());
        Ok(Version::parse(upstream.unwrap_or_default())?)
    }

    /// Brings in the packages of the version in use, unless they are kept from the last upgrade.
    pub(crate) async fn fetch_way_back(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
        source: &Source,
    ) -> Result<(), InstallError> {
        for artefact in &plan.back {
            if !is_here(&layout.packages(&plan.from).join(&artefact.name), artefact).await? {
                source.file(disk, layout, &plan.from, artefact).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn stage(
        &self,
        disk: &Arc<dyn Disk>,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        for (version, artefacts) in [(&plan.from, &plan.back), (&plan.version, &plan.artefacts)] {
            let folder = layout.packages(version);
            disk.create_folder(&folder)?;
            for artefact in artefacts {
                let file = folder.join(&artefact.name);
                if !is_here(&file, artefact).await? {
                    disk.rename(&layout.download(&artefact.name), &file)?;
                }
            }
        }
        if let Some(program) = self.program.clone() {
            let (disk, layout) = (disk.clone(), layout.clone());
            let kept =
                tokio::task::spawn_blocking(move || guard::keep(disk.as_ref(), &layout, &program)).await;
            kept.map_err(std::io::Error::other).flatten()?;
        }
        Ok(())
    }

    /// Installs these packages of a version, whichever are installed now.
    ///
    /// A package's script may restart the agent, which then comes here again: what is installed already is not installed
    /// once more, or this would go on for ever; and a call of dpkg that is still at work is waited for.
    pub(crate) async fn install(
        &self,
        layout: &Layout,
        version: &Version,
        artefacts: &[Artefact],
    ) -> Result<(), InstallError> {
        let folder = layout.packages(version);
        let mut files: Vec<PathBuf> = Vec::new();
        for artefact in artefacts {
            let file = folder.join(&artefact.name);
            if !is_here(&file, artefact).await? {
                return Err(InstallError::lasting(format!("{} is not what was verified", file.display())));
            }
            files.push(file);
        }
        let mut words = self.install.clone();
        words.extend(["--force-confnew", "--force-confmiss", "--install"].map(str::to_owned));
        words.extend(files.iter().map(|file| file.display().to_string()));
        let until = Instant::now() + INSTALL_LIMIT;
        while !self.are_installed(&files).await {
            match program::run(&words, INSTALL_LIMIT).await {
                Ok(_) => break,
                Err(reason) if BUSY.iter().any(|word| reason.contains(word)) && Instant::now() < until => {
                    tokio::time::sleep(BUSY_EVERY).await;
                }
                Err(reason) => return Err(InstallError::lasting(reason)),
            }
        }
        Ok(())
    }

    /// Whether a call of dpkg that the agent began is still at work beside it.
    pub(crate) async fn is_busy(&self) -> bool {
        !self.busy.is_empty() && program::run(&self.busy, QUERY_LIMIT).await.is_ok()
    }

    /// Whether dpkg has the packages in these files, in these versions, and is done with them. What cannot be found out
    /// is not so: installing twice does no harm.
    async fn are_installed(&self, files: &[PathBuf]) -> bool {
        for file in files {
            let mut words =
                ["dpkg-deb", "--show", "--showformat=${Package}\\n${Version}\\n"].map(str::to_owned).to_vec();
            words.push(file.display().to_string());
            let Ok(said) = program::run(&words, QUERY_LIMIT).await else { return false };
            let mut lines = said.lines();
            let (Some(package), Some(version)) = (lines.next(), lines.next()) else { return false };
            let wanted = ("install ok installed".to_owned(), version.to_owned());
            if self.state_of(package).await.ok() != Some(wanted) {
                return false;
            }
        }
        true
    }

    /// Only the packages in use and those of the version before are kept.
    pub(crate) fn remove_old(
        &self,
        disk: &dyn Disk,
        layout: &Layout,
        plan: &Plan,
    ) -> Result<(), InstallError> {
        let kept = [layout.packages(&plan.version), layout.packages(&plan.from)];
        let Some(folder) = kept[0].parent() else { return Ok(()) };
        for entry in fs::read_dir(folder)?.flatten().filter(|entry| !kept.contains(&entry.path())) {
            disk.remove(&entry.path())?;
        }
        Ok(())
    }

    /// dpkg's status and version of a package.
    async fn state_of(&self, package: &str) -> Result<(String, String), InstallError> {
        let mut words = self.query.clone();
        let format = "--showformat=${Status}\\n${Version}\\n".to_owned();
        words.extend(["--show".to_owned(), format, "--".to_owned(), package.to_owned()]);
        let output = program::run(&words, QUERY_LIMIT).await.map_err(InstallError::passing)?;
        let mut lines = output.lines().map(str::to_owned);
        Ok((lines.next().unwrap_or_default(), lines.next().unwrap_or_default()))
    }
}
