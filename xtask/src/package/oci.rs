//! An image in the OCI image layout (opencontainers/image-spec, version 1.1), made without a container engine, and the
//! same bytes every time.

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A file of the image's only layer.
pub struct FileIn {
    /// From the image's root, without a leading `/`.
    pub path: String,
    /// What is in it.
    pub contents: Vec<u8>,
    /// Its mode.
    pub mode: u32,
}

/// An image from scratch with one layer.
pub struct Image {
    /// The files, in the order of the layer.
    pub files: Vec<FileIn>,
    /// As Go names it.
    pub architecture: &'static str,
}

/// Go's name of this machine's architecture.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

impl Image {
    /// The whole image as one tar archive in the image layout.
    pub fn to_archive(&self) -> Result<Vec<u8>> {
        let layer = tar(self.files.iter().map(|file| (file.path.as_str(), &file.contents[..], file.mode)))?;
        let config = bytes(&json!({
            "architecture": self.architecture,
            "os": "linux",
            "config": {
                "Entrypoint": ["/usr/bin/magmad"],
                "Cmd": ["run"],
                "StopSignal": "SIGTERM",
                "Labels": {
                    "org.opencontainers.image.title": "magmad",
                    "org.opencontainers.image.version": env!("CARGO_PKG_VERSION"),
                    "org.opencontainers.image.licenses": "BSD-3-Clause",
                },
            },
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        }));
        let manifest = bytes(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(CONFIG, &config),
            "layers": [descriptor(LAYER, &layer)],
        }));
        let mut named = descriptor(MANIFEST, &manifest);
        named["annotations"] =
            json!({"org.opencontainers.image.ref.name": concat!("magmad:", env!("CARGO_PKG_VERSION"))});
        let index = bytes(&json!({"schemaVersion": 2, "manifests": [named]}));
        let layout = bytes(&json!({"imageLayoutVersion": "1.0.0"}));
        let mut entries = vec![("oci-layout".to_owned(), layout), ("index.json".to_owned(), index)];
        entries.extend([manifest, config, layer].map(|blob| (blob_path(&blob), blob)));
        tar(entries.iter().map(|(path, contents)| (path.as_str(), &contents[..], 0o644)))
    }
}

fn descriptor(media_type: &str, blob: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(blob), "size": blob.len()})
}

fn digest(blob: &[u8]) -> String {
    let hash = Sha256::digest(blob);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn blob_path(blob: &[u8]) -> String {
    format!("blobs/{}", digest(blob).replace(':', "/"))
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

/// A tar archive without times and owners, so that the same files give the same bytes.
fn tar<'a>(files: impl Iterator<Item = (&'a str, &'a [u8], u32)>) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, contents, mode) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(contents.len())?);
        header.set_mode(mode);
        header.set_mtime(0);
        header.set_cksum();
        archive.append_data(&mut header, path, contents)?;
    }
    Ok(archive.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::io::Read;

    fn entries(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut entries = BTreeMap::new();
        for entry in tar::Archive::new(archive).entries().expect("an archive") {
            let mut entry = entry.expect("an entry");
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).expect("its contents");
            entries.insert(entry.path().expect("a path").display().to_string(), contents);
        }
        entries
    }

    #[test]
    fn every_digest_names_what_it_should() {
        let file =
            |path: &str, text: &str| FileIn { path: path.to_owned(), contents: text.into(), mode: 0o755 };
        let image = Image { files: vec![file("usr/bin/magmad", "a program")], architecture: "amd64" };
        let archive = image.to_archive().expect("an archive");
        assert_eq!(archive, image.to_archive().expect("again"), "the same bytes every time");
        let entries = entries(&archive);
        let json = |contents: &[u8]| serde_json::from_slice::<Value>(contents).expect("JSON");
        let blob = |descriptor: &Value| {
            let name = descriptor["digest"].as_str().expect("a digest").replace(':', "/");
            let contents = &entries[&format!("blobs/{name}")];
            assert_eq!(descriptor["digest"], digest(contents));
            assert_eq!(descriptor["size"], contents.len());
            contents
        };
        let index = json(&entries["index.json"]);
        let manifest = json(blob(&index["manifests"][0]));
        let config = json(blob(&manifest["config"]));
        let layer = blob(&manifest["layers"][0]);
        assert_eq!(config["rootfs"]["diff_ids"][0], digest(layer));
        assert_eq!(self::entries(layer)["usr/bin/magmad"], b"a program");
        assert_eq!(entries.len(), 5);
    }
}
