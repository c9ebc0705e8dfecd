//! Engines of the operator's that we call: who vouches for them, and what they want to see of us.

use std::fs;
use std::path::{Path, PathBuf};

use magma_rpc::tls::{ClientTls, TlsError, TrustAnchors};

/// Public authorities, as Debian and its relatives keep them.
pub(crate) const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Why an engine cannot be called; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// A file cannot be read.
    #[error("cannot read {file} for {peer}: {error}")]
    File {
        /// For whom.
        peer: &'static str,
        /// Which.
        file: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// What is to be sent as `Authorization` is no header.
    #[error("{file} must have one line, the value of the header Authorization")]
    Authorization {
        /// Which file.
        file: PathBuf,
    },
    /// TLS refuses the authorities.
    #[error("cannot use the authorities in {file} for {peer}: {error}")]
    Authorities {
        /// For whom.
        peer: &'static str,
        /// Which file.
        file: PathBuf,
        /// Why.
        error: TlsError,
    },
}

/// The files that say how an engine is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerFiles {
    /// The value of the header `Authorization`, if it wants one: `Basic …`, `ApiKey …`, `Bearer …`.
    pub authorization: Option<PathBuf>,
    /// The authorities that may vouch for it; `None`: those of the system.
    pub authorities: Option<PathBuf>,
}

/// TLS, and the value of the header `Authorization`.
pub(crate) struct WebPeer {
    pub(crate) tls: ClientTls,
    pub(crate) authorization: Option<String>,
}

impl PeerFiles {
    /// Reads them for an engine at `url`; without TLS no authorities are needed.
    pub(crate) fn read(&self, peer: &'static str, url: &str) -> Result<WebPeer, PeerError> {
        let file = self.authorities.clone().unwrap_or_else(|| SYSTEM_AUTHORITIES.into());
        let pem = if url.starts_with("https:") { read(peer, &file)? } else { Vec::new() };
        let tls = ClientTls::new(&TrustAnchors::usable_of_pem(&pem), None);
        let tls = tls.map_err(|error| PeerError::Authorities { peer, file, error })?;
        let authorization =
            self.authorization.as_deref().map(|file| authorization(peer, file)).transpose()?;
        Ok(WebPeer { tls, authorization })
    }
}

/// The address of an engine, as an option has it. Who puts a password there would see it in the list of processes.
pub(crate) fn engine_url(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || host.contains(['@', '?', '#', ' ']) {
        return Err("write https://HOST:PORT or http://HOST:PORT, perhaps with a path".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn authorization(peer: &'static str, file: &Path) -> Result<String, PeerError> {
    let text = String::from_utf8(read(peer, file)?).unwrap_or_default();
    let value = text.trim();
    if value.is_empty() || value.chars().any(|sign| !(' '..='~').contains(&sign)) {
        return Err(PeerError::Authorization { file: file.to_owned() });
    }
    Ok(value.to_owned())
}

pub(crate) fn read(peer: &'static str, file: &Path) -> Result<Vec<u8>, PeerError> {
    fs::read(file).map_err(|error| PeerError::File { peer, file: file.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_and_problems_name_them() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "Basic abc\n").unwrap();
        let missing = folder.path().join("missing");
        let problem = |authorization: Option<&Path>, authorities: Option<&Path>| {
            let files = PeerFiles {
                authorization: authorization.map(Path::to_owned),
                authorities: authorities.map(Path::to_owned),
            };
            files.read("the engine", "https://e").map(drop).unwrap_err().to_string()
        };
        assert!(problem(Some(&missing), Some(&secret)).contains("missing for the engine"));
        assert!(problem(None, Some(&missing)).contains("missing"));
        assert_eq!(authorization("", &secret).unwrap(), "Basic abc");
        fs::write(&secret, "two\nlines").unwrap();
        assert!(problem(Some(&secret), Some(&secret)).contains("one line"));
        let unneeded = PeerFiles { authorization: None, authorities: Some(missing) };
        assert!(unneeded.read("the engine", "http://e").is_ok(), "without TLS");
    }

    #[test]
    fn addresses_have_a_host_and_no_password() {
        for (text, want) in [
            ("https://prometheus:9090/", Some("https://prometheus:9090")),
            ("http://vmselect:8481/select/0/prometheus", Some("http://vmselect:8481/select/0/prometheus")),
            ("https://user:secret@host", None),
            ("https:///x", None),
            ("host:9090", None),
            ("https://h/?a=b", None),
        ] {
            assert_eq!(engine_url(text).ok().as_deref(), want, "{text}");
        }
    }
}
