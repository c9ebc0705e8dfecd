//! The operator's OpenID provider: which one, from a file, and how it is asked: over TLS, bounded, without redirections.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::http_ask::Ask;
use magma_rpc::tls::ClientTls;
use orc8r_accounts::oidc::{Settings, SettingsProblem};
use orc8r_rest::{Provider, ProviderAnswer, ProviderCalls};

use crate::web_peer::{PeerError, PeerFiles};

/// How long the provider may take for one answer.
const LIMIT: Duration = Duration::from_secs(10);
/// How many octets of an answer are read: more than any key set, or token of somebody with many groups, has.
const ANSWER_MAX: usize = 512 << 10;

/// Why nobody could sign in at his organisation.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// A file cannot be read.
    #[error("cannot read {file}, which --oidc needs: {error}")]
    File {
        /// Which.
        file: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("{file}: {problem}")]
    Settings {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        problem: SettingsProblem,
    },
    /// The provider cannot be called.
    #[error(transparent)]
    Peer(#[from] PeerError),
}

/// The provider that a file describes.
///
/// # Errors
/// [`SignInError`] names the file.
pub(crate) fn provider(file: &Path) -> Result<Provider, SignInError> {
    let settings = Settings::parse(&read(file)?);
    let settings = settings.map_err(|problem| SignInError::Settings { file: file.to_owned(), problem })?;
    let secret = settings.client_secret_file.as_deref().map(read).transpose()?;
    let secret = secret.map(|secret| secret.trim().to_owned());
    let files = PeerFiles { authorization: None, authorities: settings.authorities.clone() };
    let tls = files.read("the OpenID provider", &settings.issuer)?.tls;
    Ok(Provider::new(settings, secret, Arc::new(Calls { tls })))
}

fn read(file: &Path) -> Result<String, SignInError> {
    std::fs::read_to_string(file).map_err(|error| SignInError::File { file: file.to_owned(), error })
}

struct Calls {
    tls: ClientTls,
}

impl Calls {
    async fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Vec<u8>, String> {
        if !url.starts_with("https://") {
            return Err(format!("{url} is no https URL"));
        }
        let (limit, answer_max) = (LIMIT, ANSWER_MAX);
        let ask =
            Ask { method, url, tls: &self.tls, proxy: None, address: None, headers, body, limit, answer_max };
        let answer = ask.send().await.map_err(|error| error.to_string())?;
        match (answer.status, answer.body) {
            (200, Some(body)) => Ok(body),
            (200, None) => Err(format!("{url} answers more than {ANSWER_MAX} bytes")),
            (status, _) => Err(format!("{url} answers {status}")),
        }
    }
}

impl ProviderCalls for Calls {
    fn get(&self, url: String) -> ProviderAnswer<'_> {
        Box::pin(async move { self.ask("GET", &url, &[("accept", "application/json")], b"").await })
    }

    fn post_form(&self, url: String, authorization: Option<String>, form: String) -> ProviderAnswer<'_> {
        Box::pin(async move {
            let mut headers =
                vec![("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
            headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
            self.ask("POST", &url, &headers, form.as_bytes()).await
        })
    }
}
