//! Where a gateway's files are, with an optional root put in front so that a configuration can be tried as an
//! ordinary user.

use std::path::{Component, Path, PathBuf};

/// The places of a gateway's files, all under one root (`/` on a real gateway).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    root: PathBuf,
    shipped_mconfig_dir: Option<PathBuf>,
}

impl Paths {
    /// The paths of a real gateway: everything under `/`.
    pub fn system() -> Self {
        Self::under("/")
    }

    /// The same layout under `root`, which is what `--config-root DIR` asks for.
    pub fn under(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), shipped_mconfig_dir: None }
    }

    /// Looks for the shipped default `gateway.mconfig` in `dir` first, as Magma's `MAGMA_CONFIG_LOCATION` asks.
    /// `dir` is taken as it is, without the root.
    pub fn with_shipped_mconfig_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.shipped_mconfig_dir = Some(dir.into());
        self
    }

    /// The root that is put in front of every path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Puts the root in front of a path that a configuration names. A relative path is taken from the root too,
    /// never from the working directory. `..` never leaves the root.
    pub fn resolve(&self, configured: &Path) -> PathBuf {
        let mut resolved = self.root.clone();
        let mut depth = 0_usize;
        for component in configured.components() {
            match component {
                Component::Normal(name) => {
                    resolved.push(name);
                    depth += 1;
                }
                Component::ParentDir if depth > 0 => {
                    resolved.pop();
                    depth -= 1;
                }
                Component::ParentDir | Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
            }
        }
        resolved
    }

    /// The folders that hold the base `*.yml` files, first match wins: `etc/magma/configs` (the Go agent's layout),
    /// `etc/magma` (the Python agent's), and the root itself when it holds the files flat.
    pub fn base_dirs(&self) -> Vec<PathBuf> {
        let mut dirs =
            vec![self.resolve(Path::new("/etc/magma/configs")), self.resolve(Path::new("/etc/magma"))];
        if self.root != Path::new("/") && self.root.join("magmad.yml").is_file() {
            dirs.push(self.root.clone());
        }
        dirs
    }

    /// The folder of the override `*.yml` files and of the streamed `gateway.mconfig`.
    pub fn override_dir(&self) -> PathBuf {
        self.resolve(Path::new("/var/opt/magma/configs"))
    }

    /// The file that holds the hardware id.
    pub fn hardware_id_file(&self) -> PathBuf {
        self.resolve(Path::new("/etc/snowflake"))
    }

    /// The folder given with [`Paths::with_shipped_mconfig_dir`].
    pub fn shipped_mconfig_dir(&self) -> Option<&Path> {
        self.shipped_mconfig_dir.as_deref()
    }
}
