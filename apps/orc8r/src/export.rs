//! Where events and logs are passed on to, as the operator said.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use magma_rpc::tls::{ClientTls, TlsError, TrustAnchors};
use orc8r_logs::{Engine, ExportTarget, Exporter};

use crate::log_door::FOLDER;

/// Public authorities, as Debian keeps them.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// An engine that events and logs are passed on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportConfig {
    /// What it is, and where.
    pub address: ExportAddress,
    /// A file with the value of the header `Authorization`, if it wants one: `Basic …`, `ApiKey …`, `Bearer …`.
    pub authorization_file: Option<PathBuf>,
    /// A file with the authorities that may vouch for it; `None`: those of the system.
    pub authorities_file: Option<PathBuf>,
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
    /// A file cannot be read.
    #[error("cannot read {file} for the export: {error}")]
    File {
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
    #[error("cannot use the authorities in {file} for the export: {error}")]
    Authorities {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: TlsError,
    },
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
    let file = config.authorities_file.clone().unwrap_or_else(|| SYSTEM_AUTHORITIES.into());
    let https = config.address.url.starts_with("https:");
    let pem = if https { read(&file)? } else { Vec::new() };
    let trust = TrustAnchors::usable_of_pem(&pem);
    let tls = ClientTls::new(&trust, None).map_err(|error| ExportError::Authorities { file, error })?;
    let authorization = config.authorization_file.as_deref().map(authorization).transpose()?;
    let ExportAddress { engine, url } = config.address.clone();
    let target = ExportTarget { engine, url, authorization, tls };
    Ok(Exporter::new(target, &data_dir.join(FOLDER)))
}

fn authorization(file: &Path) -> Result<String, ExportError> {
    let text = String::from_utf8(read(file)?).unwrap_or_default();
    let value = text.trim();
    if value.is_empty() || value.chars().any(|sign| !(' '..='~').contains(&sign)) {
        return Err(ExportError::Authorization { file: file.to_owned() });
    }
    Ok(value.to_owned())
}

fn read(file: &Path) -> Result<Vec<u8>, ExportError> {
    fs::read(file).map_err(|error| ExportError::File { file: file.to_owned(), error })
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

    #[test]
    fn files_are_read_and_problems_name_them() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        fs::write(&secret, "Basic abc\n").unwrap();
        let config = |authorization: Option<&Path>, authorities: Option<&Path>| ExportConfig {
            address: "loki+https://search".parse().unwrap(),
            authorization_file: authorization.map(Path::to_owned),
            authorities_file: authorities.map(Path::to_owned),
        };
        let missing = folder.path().join("missing");
        let problem = |config| open(&config, folder.path()).map(drop).unwrap_err().to_string();
        assert!(problem(config(Some(&missing), Some(&secret))).contains("missing"));
        assert!(problem(config(None, Some(&missing))).contains("missing"));
        fs::write(&secret, "two\nlines").unwrap();
        assert!(problem(config(Some(&secret), Some(&secret))).contains("one line"));
        assert_eq!(authorization(&secret).map_err(|error| error.to_string().contains("Basic")), Err(false));
    }
}
