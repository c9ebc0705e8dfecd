//! Where events and logs are passed on to, as the operator said.

use std::path::Path;
use std::str::FromStr;

use orc8r_logs::{Engine, ExportTarget, Exporter};

use crate::log_door::FOLDER;
use crate::web_peer::{PeerError, PeerFiles, WebPeer};

/// An engine that events and logs are passed on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportConfig {
    /// What it is, and where.
    pub address: ExportAddress,
    /// How it is called.
    pub files: PeerFiles,
}

/// An engine and its address, written `opensearch+https://host:9200` or `loki+http://host:3100`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportAddress {
    /// What it is.
    pub engine: Engine,
    /// `http` or `https`, host, and port.
    pub url: String,
}

/// Why nothing can be exported; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The address is none.
    #[error("'{0}' is no address of an export: write opensearch+https://HOST:PORT or loki+https://HOST:PORT")]
    Address(String),
    /// It cannot be called.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

impl FromStr for ExportAddress {
    type Err = ExportError;

    fn from_str(text: &str) -> Result<Self, ExportError> {
        let none = || ExportError::Address(text.to_owned());
        let (engine, url) = text.split_once('+').ok_or_else(none)?;
        let engine = match engine {
            "opensearch" | "elasticsearch" => Engine::OpenSearch,
            "loki" => Engine::Loki,
            _ => return Err(none()),
        };
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(none)?;
        // Who puts a password here would see it in the list of processes.
        if host.is_empty() || host.contains(['@', '?', '#', ' ']) {
            return Err(none());
        }
        Ok(Self { engine, url: url.to_owned() })
    }
}

/// Opens an export; it begins with [`Exporter::run`].
pub(crate) fn open(config: &ExportConfig, data_dir: &Path) -> Result<Exporter, ExportError> {
    let ExportAddress { engine, url } = config.address.clone();
    let WebPeer { tls, authorization } = config.files.read("the export", &url)?;
    let target = ExportTarget { engine, url, authorization, tls };
    Ok(Exporter::new(target, &data_dir.join(FOLDER)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_the_engine_and_have_no_password() {
        for (text, expected) in [
            ("opensearch+https://search:9200", Some((Engine::OpenSearch, "https://search:9200"))),
            (
                "elasticsearch+http://10.0.0.1:9200/path",
                Some((Engine::OpenSearch, "http://10.0.0.1:9200/path")),
            ),
            ("loki+http://[::1]:3100", Some((Engine::Loki, "http://[::1]:3100"))),
            ("https://search:9200", None),
            ("splunk+https://search:9200", None),
            ("loki+ftp://search", None),
            ("loki+https://", None),
            ("loki+https://user:password@search", None),
        ] {
            let read: Option<ExportAddress> = text.parse().ok();
            let read = read.as_ref().map(|read| (read.engine, read.url.as_str()));
            assert_eq!(read, expected, "{text}");
        }
    }
}
