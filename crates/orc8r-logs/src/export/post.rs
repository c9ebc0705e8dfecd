//! One request to an engine.

use std::time::Duration;

use magma_rpc::http_ask::{Answer, Ask};

use super::ExportTarget;

/// How long an engine may take for a batch.
const LIMIT: Duration = Duration::from_secs(60);
/// How much of its answer is read: some hundred octets for each record.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Sends to one target.
pub(super) struct Poster<'a> {
    pub(super) target: &'a ExportTarget,
}

impl Poster<'_> {
    /// # Errors
    /// Why there is no answer, in words.
    pub(super) async fn post(&self, path: &str, content_type: &str, body: Vec<u8>) -> Result<Answer, String> {
        let url = format!("{}{path}", self.target.url.trim_end_matches('/'));
        let mut headers = vec![("content-type", content_type)];
        if let Some(authorization) = &self.target.authorization {
            headers.push(("authorization", authorization));
        }
        let ask = Ask {
            method: "POST",
            url: &url,
            tls: &self.target.tls,
            proxy: None,
            address: None,
            headers: &headers,
            body: &body,
            limit: LIMIT,
            answer_max: ANSWER_BYTES_MAX,
        };
        ask.send().await.map_err(|error| error.to_string())
    }
}
