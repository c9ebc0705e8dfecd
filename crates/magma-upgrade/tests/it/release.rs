//! Versions as an operator publishes them: files, a manifest, and its signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_upgrade::manifest::{Artefact, Kind, Manifest};
use magma_upgrade::trust::{self, TrustedKeys};
use magma_upgrade::version::Version;
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};

use crate::web::Web;

/// The operator's key pair, or somebody else's.
pub fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

pub fn trusting(key: &Ed25519KeyPair) -> TrustedKeys {
    let mut keys = TrustedKeys::default();
    keys.add(&public(key)).unwrap();
    keys
}

/// The public key as it stands in a file.
pub fn public(key: &Ed25519KeyPair) -> String {
    format!("{}\n", STANDARD.encode(key.public_key()))
}

pub fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

pub fn sha256(contents: &[u8]) -> String {
    digest(&SHA256, contents).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn file(kind: Kind, name: &str, contents: &[u8]) -> Artefact {
    Artefact {
        kind,
        arch: "any".to_owned(),
        name: name.to_owned(),
        size: contents.len() as u64,
        sha256: sha256(contents),
        containers: Vec::new(),
    }
}

/// Publishes a manifest, signed.
pub fn publish(web: &Web, key: &Ed25519KeyPair, manifest: &Manifest) {
    let text = manifest.to_json().to_string();
    let folder = format!("/{}", manifest.version);
    web.put(&format!("{folder}/manifest.json"), text.clone());
    let signed = key.sign(&[trust::CONTEXT, text.as_bytes()].concat());
    web.put(&format!("{folder}/manifest.json.sig"), STANDARD.encode(signed));
}

/// Publishes a version of the agent's program.
pub fn publish_program(web: &Web, key: &Ed25519KeyPair, text: &str, program: &[u8]) {
    web.put(&format!("/{text}/magmad"), program);
    let artefacts = vec![file(Kind::Binary, "magmad", program)];
    publish(web, key, &Manifest { version: version(text), artefacts });
}

/// A program's contents, which are too long to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Program(pub Vec<u8>);

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name: Vec<u8> = self.0.iter().copied().take_while(|byte| *byte != b'\n').take(40).collect();
        write!(f, "{} of {} bytes", String::from_utf8_lossy(&name), self.0.len())
    }
}

/// A program of about this many bytes that is like no other.
pub fn program(name: &str, size: usize) -> Program {
    let mut contents = format!("program {name}\n").into_bytes();
    while contents.len() < size {
        let next = digest(&SHA256, &contents[contents.len().saturating_sub(64)..]);
        contents.extend_from_slice(next.as_ref());
    }
    Program(contents)
}
