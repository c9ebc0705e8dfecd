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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const ROOT: &str = "var/opt/magma/certs/rootCA.pem";

    /// The case, `trust_system_cas`, the text of the root, the path and text of a collection, and words of the error.
    type Row<'a> = (&'a str, bool, Option<&'a str>, Option<(&'a str, &'a str)>, Option<&'a str>);

    fn authority() -> String {
        let key = rcgen::KeyPair::generate().expect("a key");
        let mut params = rcgen::CertificateParams::default();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&key).expect("a certificate").pem()
    }

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        fs::write(path, text).expect("it can be written");
    }

    #[test]
    fn the_systems_authorities_count_only_when_asked_for_and_a_broken_root_always_does() {
        let (ours, public) = (authority(), authority());
        let odd = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bundle = format!("{odd}{public}");
        let nothing = Some("copy rootCA.pem of your cloud there");
        let rows: [Row<'_>; 9] = [
            ("the root alone", false, Some(&ours), None, None),
            ("no root", false, None, None, nothing),
            (
                "no root, and nobody said to trust others",
                false,
                None,
                Some((SYSTEM_AUTHORITIES[0], &bundle)),
                nothing,
            ),
            ("both", true, Some(&ours), Some((SYSTEM_AUTHORITIES[0], &bundle)), None),
            ("a bought certificate", true, None, Some((SYSTEM_AUTHORITIES[1], &bundle)), None),
            ("Alpine", true, None, Some((SYSTEM_AUTHORITIES[3], &bundle)), None),
            ("no authorities here", true, Some(&ours), None, Some("install its ca-certificates package")),
            (
                "an empty bundle",
                true,
                Some(&ours),
                Some((SYSTEM_AUTHORITIES[0], "")),
                Some("ca-certificates"),
            ),
            (
                "a broken root",
                true,
                Some("nonsense"),
                Some((SYSTEM_AUTHORITIES[0], &bundle)),
                Some("no certificate"),
            ),
        ];
        for (name, trust_system_cas, root, system, complaint) in rows {
            let folder = tempfile::tempdir().expect("a folder");
            let yml = format!(
                "cloud_address: c.test\nbootstrap_address: b.test\ntrust_system_cas: {trust_system_cas}\n"
            );
            write(folder.path(), "etc/magma/control_proxy.yml", &yml);
            if let Some(root) = root {
                write(folder.path(), ROOT, root);
            }
            if let Some((path, text)) = system {
                write(folder.path(), path.trim_start_matches('/'), text);
            }
            let paths = Paths::under(folder.path());
            let settings = magma_config::inspect(&paths).0.control_proxy;
            match (anchors(&settings, &paths), complaint) {
                (Ok(anchors), None) => assert!(!anchors.is_empty(), "{name}"),
                (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{name}: {error}"),
                (Ok(_), Some(_)) => panic!("{name}: somebody is trusted"),
                (Err(error), None) => panic!("{name}: {error}"),
            }
        }
    }
}
