//! `upgrader_factory`: how software of this gateway is upgraded, whose signature counts, and what makes a version healthy.

use std::path::PathBuf;
use std::time::Duration;

use crate::block::Block;
use crate::value::{absolute_path, boolean, integer, seconds, text, word};
use crate::yaml::Node;

/// `upgrader_factory`. The keys below `http_base_url` are this agent's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrader {
    /// `module`: a Python module's name.
    pub module: Option<String>,
    /// `class`: a Python class's name; it chooses the kind if `kind` does not.
    pub class: Option<String>,
    /// `gateway_module`: `feg`, `cwf`, `openwrt`.
    pub gateway_module: Option<String>,
    /// `use_proxy` (true): whether downloads go through the HTTP proxy that the cloud is reached through, if there is one.
    pub use_proxy: bool,
    /// `http_base_url`: above the folders of the versions; without a slash at its end.
    pub http_base_url: Option<String>,
    /// `kind`: what is upgraded.
    pub kind: Option<UpgradeKind>,
    /// `trusted_keys`: files of Ed25519 public keys, of which one has to have signed; without the root.
    pub trusted_keys: Vec<PathBuf>,
    /// `allow_downgrade` (false): whether the cloud may choose an older version.
    pub allow_downgrade: bool,
    /// `health_window_secs` (300): how long a new version has to show that it is healthy.
    pub health_window: Duration,
    /// `package` (magma): the Debian package whose version is the gateway's.
    pub package: String,
    /// `max_download_kbit_per_second`: how fast downloads are at most.
    pub download_kbit_per_second_max: Option<u64>,
}

/// What an upgrade replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpgradeKind {
    /// `self`: the agent's own program.
    Program,
    /// `deb`: Debian packages.
    Packages,
    /// `oci`: the images of Docker's containers.
    Images,
}

impl UpgradeKind {
    /// Its name in `magmad.yml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Program => "self",
            Self::Packages => "deb",
            Self::Images => "oci",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Program, Self::Packages, Self::Images].into_iter().find(|kind| kind.name() == name)
    }

    /// What Magma's upgraders of these names upgrade.
    fn of_class(class: &str) -> Option<Self> {
        match class {
            "MagmaUpgrader" => Some(Self::Packages),
            "DockerUpgrader" => Some(Self::Images),
            _ => None,
        }
    }
}

/// Reads the block. With upgrades switched on, whatever they lack is said.
pub(super) fn read(top: &mut Block<'_>, enabled: bool) -> Option<Upgrader> {
    let place = top.place_of("upgrader_factory");
    let Some(mut block) = top.block("upgrader_factory") else {
        if enabled {
            top.report().warning(
                &place,
                "is missing, so nothing is upgraded; add kind, http_base_url and trusted_keys in it",
            );
        }
        return None;
    };
    let class = block.read("class", text);
    let kind =
        block.read("kind", kind).or_else(|| UpgradeKind::of_class(class.as_deref().unwrap_or_default()));
    let upgrader = Upgrader {
        module: block.read("module", text),
        class,
        gateway_module: block.read("gateway_module", text),
        use_proxy: block.read("use_proxy", boolean).unwrap_or(true),
        http_base_url: block.read("http_base_url", base_url),
        kind,
        trusted_keys: block
            .read_list("trusted_keys", absolute_path)
            .into_iter()
            .map(|(_, path)| path)
            .collect(),
        allow_downgrade: block.read("allow_downgrade", boolean).unwrap_or(false),
        health_window: block.read("health_window_secs", seconds(1)).unwrap_or(Duration::from_secs(300)),
        package: block.read("package", package).unwrap_or_else(|| "magma".to_owned()),
        download_kbit_per_second_max: block.read("max_download_kbit_per_second", integer(8..=10_000_000)),
    };
    let lacking = upgrader.lacking();
    if enabled && !lacking.is_empty() {
        let message = format!("has no {}, so nothing is upgraded; add it", lacking.join(", no "));
        block.report().warning(&place, message);
    }
    block.finish();
    Some(upgrader)
}

impl Upgrader {
    /// The keys without which nothing can be upgraded.
    pub fn lacking(&self) -> Vec<&'static str> {
        let keys = [
            ("kind", self.kind.is_some()),
            ("http_base_url", self.http_base_url.is_some()),
            ("trusted_keys", !self.trusted_keys.is_empty()),
        ];
        keys.into_iter().filter(|(_, there)| !there).map(|(key, _)| key).collect()
    }
}

fn kind(node: &Node) -> Result<UpgradeKind, String> {
    let name = word(node)?;
    UpgradeKind::from_name(&name).ok_or_else(|| format!("is {name}, but must be one of self, deb, oci"))
}

fn base_url(node: &Node) -> Result<String, String> {
    let url = word(node)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains(['?', '#', '@']);
    if host.is_empty() || host.starts_with('/') || !plain {
        // What it is might be a password.
        return Err("must be like https://downloads.magma.test/gateways, without ?, # and @".to_owned());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// A Debian package's name (Debian Policy 5.6.7).
fn package(node: &Node) -> Result<String, String> {
    let name = text(node)?;
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    if first && name.bytes().all(allowed) {
        return Ok(name);
    }
    Err(format!("is {name}, but must be a package's name, such as magma"))
}
