//! Where an engine is, and what it wants to see of us.

use std::fmt;
use std::time::Duration;

use magma_rpc::http_ask::{Answer, Ask};
use magma_rpc::tls::ClientTls;

/// An engine's address, and how it knows us.
#[derive(Clone)]
pub struct Target {
    /// `http` or `https`, host, port and perhaps a path.
    pub url: String,
    /// For `https`.
    pub tls: ClientTls,
    /// The value of the header `Authorization`.
    pub authorization: Option<String>,
}

/// One request to it.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    /// What follows the target's URL.
    pub(super) path: &'a str,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: &'a [u8],
    pub(super) limit: Duration,
    pub(super) answer_max: usize,
}

impl Target {
    /// Its host and port, to be named in errors: a URL may have credentials in it.
    pub fn name(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit('@').next().unwrap_or_default()
    }

    /// # Errors
    /// Why there is no answer, in words.
    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, String> {
        let url = format!("{}{}", self.url.trim_end_matches('/'), call.path);
        let mut headers = call.headers.to_vec();
        headers.extend(self.authorization.as_deref().map(|value| ("authorization", value)));
        let ask = Ask {
            method: call.method,
            url: &url,
            tls: &self.tls,
            proxy: None,
            address: None,
            headers: &headers,
            body: call.body,
            limit: call.limit,
            answer_max: call.answer_max,
        };
        ask.send().await.map_err(|error| error.to_string())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("name", &self.name()).finish_non_exhaustive()
    }
}
