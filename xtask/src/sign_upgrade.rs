//! Makes what a gateway upgrades to: the operator's key pair, and signed manifests of folders with artefacts.
//!
//! The private key stays with the operator; a gateway gets the public one. What is signed is described in
//! docs/upgrades.md.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_upgrade::manifest::{Artefact, FILE_BYTES_MAX, Kind, Manifest};
use magma_upgrade::trust::{CONTEXT, TrustedKeys};
use magma_upgrade::version::Version;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};

/// The list of images in a folder: one per line, `repository sha256:digest container[,container…]`.
const IMAGES: &str = "images.txt";

/// Makes a key pair: the private key as PKCS#8 in `file`, the public one in base64 in `file.pub`.
pub fn new_key(file: &Path) -> Result<()> {
    let document =
        Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("no random numbers"))?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|error| anyhow!("{error}"))?;
    let public = file.with_added_extension("pub");
    let mut private = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = private
        .as_mut()
        .map_err(|error| anyhow!("{error}"))
        .and_then(|private| Ok(private.write_all(document.as_ref())?));
    written.with_context(|| format!("cannot make {}; an existing key is not replaced", file.display()))?;
    fs::write(&public, format!("{}\n", STANDARD.encode(pair.public_key())))
        .context("cannot write the public key")?;
    println!(
        "{} signs; keep it secret. Put {} on the gateways, and name it in upgrader_factory.trusted_keys.",
        file.display(),
        public.display()
    );
    Ok(())
}

/// Writes `manifest.json` and `manifest.json.sig` into a folder that is named like its version and holds its artefacts:
/// `magmad` or `magmad.<arch>` are programs, `*.deb` are packages, and `images.txt` lists images. Several keys sign one
/// below the other, so that gateways with an old key and with a new one follow.
pub fn sign(keys: &[&str], folder: &Path) -> Result<()> {
    let name = folder
        .canonicalize()
        .with_context(|| format!("the folder {}", folder.display()))?
        .file_name()
        .and_then(|name| name.to_str().map(str::to_owned))
        .unwrap_or_default();
    let version = Version::parse(&name).context("the folder's name must be the version")?;
    let manifest = Manifest { artefacts: artefacts(folder)?, version };
    if manifest.artefacts.is_empty() {
        bail!("{} holds no magmad, no *.deb and no {IMAGES}", folder.display());
    }
    let text = format!("{:#}\n", manifest.to_json());
    // What a gateway would refuse is not signed.
    Manifest::parse(text.as_bytes(), &manifest.version)?;
    let mut signatures = String::new();
    for file in keys {
        let document = fs::read(file).with_context(|| format!("the key {file}"))?;
        let pair =
            Ed25519KeyPair::from_pkcs8(&document).map_err(|error| anyhow!("the key {file}: {error}"))?;
        let line = STANDARD.encode(pair.sign(&[CONTEXT, text.as_bytes()].concat()));
        let mut trusted = TrustedKeys::default();
        trusted.add(&STANDARD.encode(pair.public_key()))?;
        trusted.check(text.as_bytes(), &line)?;
        signatures += &format!("{line}\n");
    }
    fs::write(folder.join("manifest.json"), &text)?;
    fs::write(folder.join("manifest.json.sig"), signatures)?;
    println!("{} artefacts of version {} are signed.", manifest.artefacts.len(), manifest.version);
    Ok(())
}

fn artefacts(folder: &Path) -> Result<Vec<Artefact>> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .with_context(|| format!("the folder {}", folder.display()))?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    names.sort();
    let mut artefacts = Vec::new();
    for name in names {
        let path = folder.join(&name);
        match name.as_str() {
            IMAGES => artefacts.extend(images(&fs::read_to_string(path)?)?),
            "magmad" => artefacts.push(file(Kind::Binary, std::env::consts::ARCH, &name, &path)?),
            _ if name.ends_with(".deb") => artefacts.push(file(Kind::Deb, debian_arch(&name), &name, &path)?),
            _ => {
                if let Some(arch) = name.strip_prefix("magmad.") {
                    artefacts.push(file(Kind::Binary, arch, &name, &path)?);
                }
            }
        }
    }
    Ok(artefacts)
}

fn file(kind: Kind, arch: &str, name: &str, path: &Path) -> Result<Artefact> {
    let size = fs::metadata(path)?.len();
    let sha256 = magma_upgrade::disk::sha256(path, FILE_BYTES_MAX)?
        .with_context(|| format!("{} is longer than {FILE_BYTES_MAX} bytes", path.display()))?;
    let (arch, name) = (arch.to_owned(), name.to_owned());
    Ok(Artefact { kind, arch, name, size, sha256, containers: Vec::new() })
}

/// The processor in a package's file name, in Rust's words.
fn debian_arch(name: &str) -> &'static str {
    match name.trim_end_matches(".deb").rsplit('_').next() {
        Some("amd64") => "x86_64",
        Some("arm64") => "aarch64",
        Some("armhf" | "armel") => "arm",
        _ => "any",
    }
}

fn images(text: &str) -> Result<Vec<Artefact>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, digest, containers] = words[..] else {
                bail!("{IMAGES}: {line:?} is not `repository sha256:digest container,container`")
            };
            let sha256 = digest
                .strip_prefix("sha256:")
                .with_context(|| format!("{IMAGES}: {digest} is no sha256:…"))?;
            Ok(Artefact {
                kind: Kind::Oci,
                arch: "any".to_owned(),
                name: name.to_owned(),
                size: 0,
                sha256: sha256.to_owned(),
                containers: containers.split(',').map(str::to_owned).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(path: &Path) -> String {
        fs::read_to_string(path).expect("a text")
    }

    #[test]
    fn what_is_signed_is_what_a_gateway_follows() {
        let place = tempfile::tempdir().expect("a folder");
        let (old, new) = (place.path().join("old.key"), place.path().join("new.key"));
        for key in [&old, &new] {
            new_key(key).expect("a key");
            assert!(new_key(key).is_err(), "an existing key is kept");
        }
        let folder = place.path().join("1.9.0-3");
        fs::create_dir(&folder).expect("a folder");
        let keys = [old.to_str().expect("a path"), new.to_str().expect("a path")];
        assert!(sign(&keys, &folder).is_err(), "there is nothing in it");
        for name in
            ["magmad", "magmad.aarch64", "magma_1.9.0-3_amd64.deb", "magma-lib_1.9.0-3_all.deb", "notes.txt"]
        {
            fs::write(folder.join(name), name).expect("a file");
        }
        let digest = "ab".repeat(32);
        let lines = format!("# images\ndocker.example/magma/gateway_python sha256:{digest} state,eventd\n");
        fs::write(folder.join(IMAGES), lines).expect("a file");
        sign(&keys, &folder).expect("it signs");
        let text = text_of(&folder.join("manifest.json"));
        let version = Version::parse("1.9.0-3").expect("a version");
        let manifest = Manifest::parse(text.as_bytes(), &version).expect("a manifest");
        for (kind, arch, names) in [
            (Kind::Binary, "aarch64", vec!["magmad.aarch64"]),
            (Kind::Deb, "x86_64", vec!["magma-lib_1.9.0-3_all.deb", "magma_1.9.0-3_amd64.deb"]),
            (Kind::Oci, "x86_64", vec!["docker.example/magma/gateway_python"]),
        ] {
            let selected = manifest.select(kind, arch).expect("some");
            let found: Vec<&str> = selected.iter().map(|artefact| artefact.name.as_str()).collect();
            assert_eq!(found, names, "{kind:?}");
        }
        for key in [&old, &new] {
            let mut trusted = TrustedKeys::default();
            trusted.add(&text_of(&key.with_added_extension("pub"))).expect("a key");
            trusted.check(text.as_bytes(), &text_of(&folder.join("manifest.json.sig"))).expect("signed");
        }
        assert!(sign(&keys, place.path()).is_err(), "a folder that is not named like a version");
    }
}
