//! The manifest of one version: which files or images it consists of, for whom, and what their contents hash to.
//!
//! It lies at `<base URL>/<version>/manifest.json`, its signatures beside it in `manifest.json.sig`. It is JSON:
//! `{"format": 1, "version": "1.9.0-3", "artefacts": [{"kind": "self", "arch": "x86_64", "name": "magmad",
//! "size": 4194304, "sha256": "…"}]}`. Every name in it is checked before it becomes a part of a path, a URL or an
//! argument, although it is signed.

use serde_json::{Value, json};

use crate::json::Fields;
use crate::version::Version;

/// The only format so far.
const FORMAT: u64 = 1;
/// The longest manifest that is read, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;
/// The largest file of an upgrade, in bytes: 1 GiB.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
const ARTEFACTS_MAX: usize = 64;
const NAME_MAX: usize = 200;

/// How a gateway is upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The agent's own program, in two slots.
    Binary,
    /// Debian packages.
    Deb,
    /// Container images, through Docker.
    Oci,
}

/// One file or image of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// Whom it is for.
    pub kind: Kind,
    /// `x86_64`, `aarch64`, … as Rust names processors, or `any`.
    pub arch: String,
    /// The file's name beside the manifest; of an image its repository, such as `docker.example/magma/gateway_python`.
    pub name: String,
    /// In bytes; 0 for an image.
    pub size: u64,
    /// SHA-256 of the file, or of the image's manifest, as 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// Of an image, the containers that shall run it; those that a gateway does not have are left out there.
    pub containers: Vec<String>,
}

/// What a version consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Which version this is.
    pub version: Version,
    /// All its parts, for all kinds of gateways.
    pub artefacts: Vec<Artefact>,
}

/// Why a manifest cannot be used, although its signature may be good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not what a manifest looks like.
    #[error("the manifest cannot be used: {0}; make it again with `cargo xtask sign-upgrade`")]
    Malformed(String),
    /// It describes another version than the one that was asked for.
    #[error("the manifest at the place of {asked} is for {found}; put each version into its own folder")]
    OtherVersion {
        /// What was asked for.
        asked: Version,
        /// What came.
        found: Version,
    },
    /// There is nothing in it for this gateway.
    #[error("version {version} has no artefact of kind {} for {arch}", kind.name())]
    NothingForUs {
        /// Which version.
        version: Version,
        /// This gateway's kind.
        kind: Kind,
        /// This gateway's processor.
        arch: String,
    },
}

impl Kind {
    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Binary, Self::Deb, Self::Oci].into_iter().find(|kind| kind.name() == name)
    }

    /// `self`, `deb` or `oci`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Binary => "self",
            Self::Deb => "deb",
            Self::Oci => "oci",
        }
    }
}

impl Manifest {
    /// Reads the manifest of version `asked`.
    ///
    /// # Errors
    /// When it is malformed, names something that may not become a path, or is another version's.
    pub fn parse(text: &[u8], asked: &Version) -> Result<Self, ManifestError> {
        let manifest = read(text).map_err(ManifestError::Malformed)?;
        if manifest.version == *asked {
            return Ok(manifest);
        }
        Err(ManifestError::OtherVersion { asked: asked.clone(), found: manifest.version })
    }

    /// The parts for a gateway of this kind and processor, in the order of the manifest.
    ///
    /// # Errors
    /// When there is none.
    pub fn select(&self, kind: Kind, arch: &str) -> Result<Vec<Artefact>, ManifestError> {
        let ours =
            |artefact: &&Artefact| artefact.kind == kind && (artefact.arch == arch || artefact.arch == "any");
        let mut selected: Vec<Artefact> = self.artefacts.iter().filter(ours).cloned().collect();
        if kind == Kind::Binary {
            selected.truncate(1);
        }
        if selected.is_empty() {
            let (version, arch) = (self.version.clone(), arch.to_owned());
            return Err(ManifestError::NothingForUs { version, kind, arch });
        }
        Ok(selected)
    }

    /// The manifest's text.
    pub fn to_json(&self) -> Value {
        let artefacts: Vec<Value> = self.artefacts.iter().map(Artefact::to_json).collect();
        json!({ "format": FORMAT, "version": self.version.as_str(), "artefacts": artefacts })
    }
}

fn read(text: &[u8]) -> Result<Manifest, String> {
    if text.len() > MANIFEST_BYTES_MAX {
        return Err(format!("it is longer than {MANIFEST_BYTES_MAX} bytes"));
    }
    let document: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let fields = Fields::of(&document)?;
    match fields.number("format")? {
        FORMAT => {}
        other => return Err(format!("its format is {other}, and this magmad reads format {FORMAT}")),
    }
    let version = Version::parse(fields.text("version")?).map_err(|error| error.to_string())?;
    let artefacts = fields.list("artefacts", Artefact::from_json)?;
    if artefacts.len() > ARTEFACTS_MAX {
        return Err(format!("it has more than {ARTEFACTS_MAX} artefacts"));
    }
    Ok(Manifest { version, artefacts })
}

impl Artefact {
    pub(crate) fn from_json(value: &Value) -> Result<Self, String> {
        let fields = Fields::of(value)?;
        let kind = fields.text("kind")?;
        let kind = Kind::from_name(kind).ok_or_else(|| format!("kind {kind:?} is not self, deb or oci"))?;
        let name = fields.text("name")?.to_owned();
        let sha256 = fields.text("sha256")?.to_owned();
        let size = if kind == Kind::Oci { 0 } else { fields.number("size")? };
        let containers = fields.list("containers", crate::json::text)?;
        let named_well = match kind {
            Kind::Oci => is_repository(&name) && containers.iter().all(|container| is_container(container)),
            Kind::Binary | Kind::Deb => is_file_name(&name) && containers.is_empty(),
        };
        if !named_well {
            return Err(format!(
                "the name {name:?} or one of its containers has characters that it may not have"
            ));
        }
        if !is_sha256(&sha256) {
            return Err(format!("sha256 of {name} is not 64 hexadecimal digits in lower case"));
        }
        if size > FILE_BYTES_MAX || (size == 0 && kind != Kind::Oci) {
            return Err(format!("size of {name} is {size}, but must be between 1 and {FILE_BYTES_MAX}"));
        }
        let arch = fields.text("arch")?.to_owned();
        Ok(Self { kind, arch, name, size, sha256, containers })
    }

    pub(crate) fn to_json(&self) -> Value {
        let Self { kind, arch, name, size, sha256, containers } = self;
        let mut value = json!({ "kind": kind.name(), "arch": arch, "name": name, "sha256": sha256 });
        match kind {
            Kind::Oci => value["containers"] = json!(containers),
            Kind::Binary | Kind::Deb => value["size"] = json!(size),
        }
        value
    }
}

/// Whether it can be a file's name in a folder, in a URL and as an argument, and mean nothing else.
pub fn is_file_name(name: &str) -> bool {
    made_of(name, b"._+~-") && starts_plainly(name)
}

/// As a registry's host, port and path (OCI distribution specification), without tag and digest.
fn is_repository(name: &str) -> bool {
    made_of(name, b"._-/:") && name.split('/').all(starts_plainly) && !name.contains("..")
}

fn is_container(name: &str) -> bool {
    made_of(name, b"._-") && starts_plainly(name)
}

fn made_of(name: &str, others: &[u8]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || others.contains(&byte);
    name.len() <= NAME_MAX && name.bytes().all(allowed)
}

fn starts_plainly(name: &str) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artefact(kind: &str, name: &str) -> Value {
        json!({ "kind": kind, "arch": "x86_64", "name": name, "size": 7, "sha256": "ab".repeat(32) })
    }

    fn manifest(artefacts: &[Value]) -> Vec<u8> {
        json!({ "format": 1, "version": "1.9.0-3", "artefacts": artefacts }).to_string().into_bytes()
    }

    fn parse(text: &[u8]) -> Result<Manifest, ManifestError> {
        Manifest::parse(text, &Version::parse("1.9.0-3").expect("a version"))
    }

    #[test]
    fn a_manifest_is_read_and_written() {
        let image = json!({ "kind": "oci", "arch": "any", "name": "docker.example:5000/magma/gateway_python",
            "sha256": "cd".repeat(32), "containers": ["state", "eventd"] });
        let read = parse(&manifest(&[
            artefact("self", "magmad"),
            artefact("deb", "magma_1.9.0-3_amd64.deb"),
            image,
        ]));
        let read = read.expect("good");
        assert_eq!(parse(read.to_json().to_string().as_bytes()).as_ref(), Ok(&read));
        for (kind, arch, count) in [
            (Kind::Binary, "x86_64", 1),
            (Kind::Binary, "aarch64", 0),
            (Kind::Deb, "x86_64", 1),
            (Kind::Oci, "aarch64", 1),
        ] {
            let selected = read.select(kind, arch).map_or(0, |artefacts| artefacts.len());
            assert_eq!(selected, count, "{kind:?} {arch}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_refused() {
        for (kind, name) in [
            ("self", ""),
            ("self", "../magmad"),
            ("self", "/usr/bin/magmad"),
            ("self", ".magmad"),
            ("self", "-rf"),
            ("deb", "magma.deb;reboot"),
            ("deb", "$(id).deb"),
            ("deb", "a b.deb"),
            ("deb", "a?b.deb"),
            ("deb", "a%2fb.deb"),
            ("oci", "docker.example/../magma"),
            ("oci", "docker.example//magma"),
            ("oci", "docker.example/magma&fromSrc=x"),
            ("oci", "docker.example/magma@sha256"),
            ("exe", "magmad"),
        ] {
            assert!(parse(&manifest(&[artefact(kind, name)])).is_err(), "{kind} {name}");
        }
        let changed = |key: &str, value: Value| {
            let mut changed = artefact("self", "magmad");
            changed[key] = value;
            parse(&manifest(&[changed]))
        };
        for (key, value) in [
            ("size", json!(0)),
            ("size", json!(FILE_BYTES_MAX + 1)),
            ("size", json!(-1)),
            ("size", Value::Null),
            ("sha256", json!("AB".repeat(32))),
            ("sha256", json!("ab")),
            ("containers", json!(["state"])),
            ("arch", Value::Null),
        ] {
            assert!(changed(key, value.clone()).is_err(), "{key} {value}");
        }
        assert!(changed("size", json!(8)).is_ok());
        let mut image = artefact("oci", "docker.example/magma");
        image["containers"] = json!(["state/../x"]);
        assert!(parse(&manifest(&[image])).is_err());
    }

    #[test]
    fn another_version_another_format_and_rubbish_are_refused() {
        let other = br#"{"format":1,"version":"1.8.0","artefacts":[]}"#;
        assert!(matches!(parse(other), Err(ManifestError::OtherVersion { .. })));
        for text in [
            &b""[..],
            b"[]",
            b"{}",
            br#"{"format":2,"version":"1.9.0-3","artefacts":[]}"#,
            br#"{"format":1,"version":"1.9.0-3;id","artefacts":[]}"#,
            &manifest(&vec![artefact("self", "magmad"); ARTEFACTS_MAX + 1]),
            &[b' '; MANIFEST_BYTES_MAX + 1],
        ] {
            assert!(matches!(parse(text), Err(ManifestError::Malformed(_))));
        }
    }
}
