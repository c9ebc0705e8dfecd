//! One request to an engine.

use std::time::Duration;

use magma_rpc::http_post;

use super::ExportTarget;

/// How long an engine may take for a batch.
const LIMIT: Duration = Duration::from_secs(60);
/// How much of its answer is read: some hundred octets for each record.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// Sends to one target.
pub(super) struct Poster<'a> {
    pub(super) target: &'a ExportTarget,
}

/// What it answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    /// None when it is too long.
    pub(super) body: Option<Vec<u8>>,
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
        let answered =
            http_post::post_and_read(&url, &self.target.tls, &headers, body, LIMIT, ANSWER_BYTES_MAX).await;
        let (posted, body) = answered.map_err(|error| error.to_string())?;
        Ok(Answer { status: posted.status, retry_after: posted.retry_after, body })
    }
}
