//! Container images, through Docker's API: pulled by digest, tagged with the version, and each container made anew with the
//! settings of the old one, which stays beside it under another name for the way back.
//!
//! Magma-compat: `IMAGE_VERSION` in docker's `.env` file says which version runs, so that `docker compose up` agrees.

mod api;
mod logins;
mod settings;

use std::path::PathBuf;

use magma_config::atomic_file;
use serde_json::Value;

use self::api::Api;
use crate::installer::InstallError;
use crate::journal::{Journal, Plan};
use crate::manifest::{Artefact, Kind};
use crate::upgrader::Running;
use crate::version::Version;

/// What is appended to the name of the container that ran before.
const BEFORE: &str = ".before-upgrade";
/// Where the version stands in the `.env` file.
const VERSION_LINE: &str = "IMAGE_VERSION=";

/// Docker of this machine.
#[derive(Clone, Debug)]
pub struct Oci {
    api: Api,
    env_file: PathBuf,
    own: String,
    logins: Vec<PathBuf>,
}

impl Oci {
    /// Docker behind `socket`. `env_file` is compose's `.env`; `own` is the container that the agent itself runs in, if it
    /// runs in one: it is left alone, since nobody would be there to start it again.
    pub fn new(socket: impl Into<PathBuf>, env_file: impl Into<PathBuf>, own: &str) -> Self {
        Self {
            api: Api::new(socket.into()),
            env_file: env_file.into(),
            own: own.to_owned(),
            logins: Vec::new(),
        }
    }

    /// Where `docker login` may have left what the registries want to know of us: files of that program's format.
    pub fn with_logins(mut self, logins: Vec<PathBuf>) -> Self {
        self.logins = logins;
        self
    }

    /// The version in use; one that is not known is older than all.
    pub(crate) fn current(&self, journal: &Journal, running: &Running) -> Result<Version, InstallError> {
        let unknown = Version::parse("0.0.0-0")?;
        let text = std::fs::read_to_string(&self.env_file).unwrap_or_default();
        let in_file = text.lines().find_map(|line| line.strip_prefix(VERSION_LINE)?.trim().parse_version());
        let done =
            journal.done.as_ref().filter(|plan| plan.kind == Kind::Oci).map(|plan| plan.version.clone());
        tracing::trace!(packaged = running.packaged, "the agent's own version is not what is upgraded");
        Ok(in_file.or(done).unwrap_or(unknown))
    }

    pub(crate) async fn pull(&self, plan: &Plan) -> Result<(), InstallError> {
        for image in &plan.artefacts {
            if self.api.image(&by_digest(image)).await?.is_none() {
                let login = logins::header(&self.logins, &image.name);
                self.api.pull(&image.name, &image.sha256, login.as_deref()).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn stage(&self, plan: &Plan) -> Result<(), InstallError> {
        for image in &plan.artefacts {
            for name in image.containers.iter().filter(|name| **name != self.own) {
                let container = self.api.container(name).await?.unwrap_or_default();
                if container["HostConfig"]["AutoRemove"] == true {
                    let reason = "Docker removes it when it stops (--rm), so there would be no way back";
                    return Err(InstallError::lasting(format!(
                        "the container {name} cannot be upgraded: {reason}"
                    )));
                }
            }
            self.api.tag(&by_digest(image), &image.name, plan.version.as_str()).await?;
            // Left from the upgrade before this one; this one's way back must not lead there.
            for name in &image.containers {
                self.api.remove(&before(name)).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn switch(&self, plan: &Plan) -> Result<(), InstallError> {
        for image in &plan.artefacts {
            let new = self.api.image(&by_digest(image)).await?;
            let new =
                new.ok_or_else(|| InstallError::lasting(format!("the image {} is gone", image.name)))?;
            for name in image.containers.iter().filter(|name| **name != self.own) {
                self.switch_container(name, &format!("{}:{}", image.name, plan.version), &new).await?;
            }
        }
        self.write_version(&plan.version)
    }

    pub(crate) async fn roll_back(&self, plan: &Plan) -> Result<(), InstallError> {
        for name in plan.artefacts.iter().flat_map(|image| &image.containers) {
            if self.api.container(&before(name)).await?.is_some() {
                if let Some(new) = self.api.container(name).await? {
                    // It has the old one's, which was taken from that one.
                    let policy = &new["HostConfig"]["RestartPolicy"];
                    self.api
                        .set_restarts(&before(name), Some(policy).filter(|policy| policy.is_object()))
                        .await?;
                    self.api.remove(name).await?;
                }
                self.api.rename(&before(name), name).await?;
            }
            if *name != self.own && self.api.container(name).await?.is_some() {
                self.api.start(name).await?;
            }
        }
        if plan.from.is_none() { Ok(()) } else { self.write_version(&plan.from) }
    }

    /// Lets a container run the new image. A container that this gateway does not have is none of its business.
    async fn switch_container(&self, name: &str, image: &str, new: &Value) -> Result<(), InstallError> {
        let (now, kept) = (self.api.container(name).await?, self.api.container(&before(name)).await?);
        let (old, made) = match (now, kept) {
            // Made anew already, though perhaps not in all its networks.
            (Some(made), Some(old)) => (old, Some(made)),
            (Some(container), None) if container["Image"] == new["Id"] => return self.api.start(name).await,
            (Some(container), None) => {
                self.api.rename(name, &before(name)).await?;
                (container, None)
            }
            // Renamed and not made anew yet: a power cut came between.
            (None, Some(old)) => (old, None),
            (None, None) => return Ok(()),
        };
        let old_image = self.api.image(old["Image"].as_str().unwrap_or_default()).await?.unwrap_or_default();
        let old = self.sharing_by_name(old).await?;
        let (settings, networks) = settings::of(&old, &old_image, image);
        if made.is_none() {
            self.api.create(name, &settings).await?;
        }
        let made = made.unwrap_or_default();
        for (network, endpoint) in networks {
            if made["NetworkSettings"]["Networks"].get(&network).is_none() {
                self.api.connect(&network, name, &endpoint).await?;
            }
        }
        self.start_instead(name).await
    }

    /// A container that shares another one's network or processes names that one by its id, which another container will
    /// have.
    async fn sharing_by_name(&self, mut old: Value) -> Result<Value, InstallError> {
        for key in ["NetworkMode", "PidMode", "IpcMode"] {
            let Some(id) = old["HostConfig"][key].as_str().and_then(|mode| mode.strip_prefix("container:"))
            else {
                continue;
            };
            let other = self.api.container(id).await?.unwrap_or_default();
            if let Some(name) = other["Name"].as_str().map(|name| name.trim_start_matches('/')) {
                let name = name.strip_suffix(BEFORE).unwrap_or(name);
                old["HostConfig"][key] = format!("container:{name}").into();
            }
        }
        Ok(old)
    }

    /// The old one does not come back by itself, as it else would when the machine starts.
    async fn start_instead(&self, name: &str) -> Result<(), InstallError> {
        self.api.set_restarts(&before(name), None).await?;
        self.api.stop(&before(name)).await?;
        self.api.start(name).await
    }

    /// Deviation: by its absolute path; Magma's upgrader edits a relative one, and mostly another file or none.
    fn write_version(&self, version: &Version) -> Result<(), InstallError> {
        let Ok(text) = std::fs::read_to_string(&self.env_file) else { return Ok(()) };
        let line = |line: &str| match line.starts_with(VERSION_LINE) {
            true => format!("{VERSION_LINE}{version}\n"),
            false => format!("{line}\n"),
        };
        let new: String = text.lines().map(line).collect();
        if new != text {
            atomic_file::replace(&self.env_file, new.as_bytes(), 0o644)?;
        }
        Ok(())
    }
}

/// Reads a version, or nothing.
trait ParseVersion {
    fn parse_version(&self) -> Option<Version>;
}

impl ParseVersion for str {
    fn parse_version(&self) -> Option<Version> {
        Version::parse(self).ok()
    }
}

fn by_digest(image: &Artefact) -> String {
    format!("{}@sha256:{}", image.name, image.sha256)
}

fn before(name: &str) -> String {
    format!("{name}{BEFORE}")
}
