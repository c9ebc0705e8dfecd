//! Whom the agent trusts: the root certificate of its cloud, and the machine's own authorities if it is told so.

use std::fs;
use std::path::PathBuf;

use magma_config::{ControlProxy, Paths};
use magma_rpc::tls::TrustAnchors;

use crate::cloud::CloudError;

/// Where systems keep the authorities that they trust, in one file of PEM: Debian and OpenWrt, Red Hat, Alpine and the
/// BSDs, SUSE.
const SYSTEM_AUTHORITIES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// Reads what `control_proxy.yml` says is trusted. Nothing is ever trusted for want of something to trust.
///
/// # Errors
/// When the root certificate cannot be read or used. With `trust_system_cas` it may be absent, if the machine has
/// authorities of its own.
pub fn anchors(settings: &ControlProxy, paths: &Paths) -> Result<TrustAnchors, CloudError> {
    let root = root(paths.resolve(&settings.rootca_cert));
    if !settings.trust_system_cas {
        return root;
    }
    let system = SYSTEM_AUTHORITIES.iter().find_map(|path| fs::read(paths.resolve(path.as_ref())).ok());
    let system = system.map(|pem| TrustAnchors::usable_of_pem(&pem)).filter(|system| !system.is_empty());
    match (root, system) {
        (Ok(root), Some(system)) => Ok(root.and(system)),
        (Err(CloudError::Root { source, .. }), Some(system))
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(system)
        }
        (Err(error), _) => Err(error),
        (Ok(_), None) => Err(CloudError::NoSystemAuthorities { places: SYSTEM_AUTHORITIES.join(", ") }),
    }
}

/// Reads the root certificates of one file.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn root(path: PathBuf) -> Result<TrustAnchors, CloudError> {
    match fs::read(&path) {
        Ok(pem) => TrustAnchors::from_pem(&pem).map_err(|source| CloudError::Tls { path, source }),
        Err(source) => Err(CloudError::Root { path, source }),
    }
}
