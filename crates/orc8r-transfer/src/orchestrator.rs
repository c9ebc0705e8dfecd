//! The REST API of an Orchestrator, called object by object.

use std::time::Duration;

use magma_rpc::download::DownloadError;
use magma_rpc::http_session::{CallLimits, HttpReply, HttpSession};
use serde_json::Value;

/// Where the API is on every Orchestrator.
const API: &str = "/magma/v1";
/// How often what may be repeated is tried.
const TRIES: usize = 3;
/// What is told of an answer, at most.
const MESSAGE_LENGTH_MAX: usize = 300;

/// What is asked of one Orchestrator at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time for one answer.
    pub call: Duration,
    /// The octets of one answer.
    pub answer: usize,
    /// The objects of all answers together.
    pub objects: usize,
    /// The objects that are asked for in one page.
    pub page: usize,
    /// The pause before a call is repeated; it grows.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(120),
            answer: 64 << 20,
            objects: 5_000_000,
            page: 1000,
            pause: Duration::from_secs(1),
        }
    }
}

/// Why an answer is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// No answer comes: the others would not come either.
    #[error("{method} {path}: {error}")]
    Unreachable {
        /// The method.
        method: String,
        /// What was asked for.
        path: String,
        /// Why.
        error: DownloadError,
    },
    /// The answer is a refusal.
    #[error("{status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it says, cut short.
        message: String,
    },
    /// The answer is not what it should be.
    #[error("{0}")]
    Odd(String),
}

impl Trouble {
    /// Whether there is nothing at this path.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// Whether nothing else can be asked for either.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Refused { status: 401, .. })
    }
}

/// An Orchestrator that can be called.
#[derive(Debug)]
pub struct Orchestrator {
    session: HttpSession,
    pub(crate) limits: Limits,
}

impl Orchestrator {
    /// The one that a session reaches.
    pub fn new(session: HttpSession, limits: Limits) -> Self {
        Self { session, limits }
    }

    /// What is at a path below `/magma/v1`. Tried again when no answer comes, or one that asks for patience.
    pub(crate) async fn get(&mut self, path: &str) -> Result<Value, Trouble> {
        let mut pause = self.limits.pause;
        for _ in 1..TRIES {
            match self.call("GET", path, None).await {
                Err(Trouble::Unreachable { .. } | Trouble::Refused { status: 429 | 502..=504, .. }) => {}
                answer => return answer,
            }
            tokio::time::sleep(pause).await;
            pause *= 4;
        }
        self.call("GET", path, None).await
    }

    /// One call, without a second try. An empty answer is `null`.
    pub(crate) async fn call(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&str>,
    ) -> Result<Value, Trouble> {
        let limits = CallLimits { time: self.limits.call, answer: self.limits.answer };
        let body = body.map(|body| body.as_bytes().to_vec());
        let reply = self.session.call(method, &format!("{API}{path}"), body, limits).await;
        let reply = reply.map_err(|error| Trouble::Unreachable {
            method: method.to_owned(),
            path: path.to_owned(),
            error,
        })?;
        value_of(reply, self.limits.answer)
    }
}

fn value_of(reply: HttpReply, answer_max: usize) -> Result<Value, Trouble> {
    let HttpReply { status, body } = reply;
    let Some(body) = body else {
        return Err(Trouble::Odd(format!("the answer has more than {answer_max} bytes")));
    };
    if !(200..300).contains(&status) {
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        let message = json.as_ref().and_then(|json| json.get("message")?.as_str().map(str::to_owned));
        let message = message.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
        return Err(Trouble::Refused { status, message: told(&message) });
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&body).map_err(|error| Trouble::Odd(format!("the answer is not JSON: {error}")))
}

/// Another server's words, in a form that a terminal can take.
fn told(message: &str) -> String {
    let plain = |sign: char| if sign.is_control() { ' ' } else { sign };
    let text: String = message.trim().chars().take(MESSAGE_LENGTH_MAX).map(plain).collect();
    if text.is_empty() { "it does not say why".to_owned() } else { text }
}

/// An id as a segment of a path (RFC 3986 §3.3).
pub(crate) fn segment(id: &str) -> String {
    const PLAIN: &str = "-._~!$&'()*+,;=:@";
    let mut text = String::with_capacity(id.len());
    for octet in id.bytes() {
        if octet.is_ascii_alphanumeric() || PLAIN.as_bytes().contains(&octet) {
            text.push(octet.into());
        } else {
            text.push_str(&format!("%{octet:02X}"));
        }
    }
    // A segment of dots alone would lead elsewhere.
    if !text.is_empty() && text.bytes().all(|octet| octet == b'.') { text.replace('.', "%2E") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_their_segment() {
        for (id, expected) in [
            ("n1", "n1"),
            ("IMSI001010000000001", "IMSI001010000000001"),
            ("a/b?c#d e", "a%2Fb%3Fc%23d%20e"),
            ("..", "%2E%2E"),
            ("é\n", "%C3%A9%0A"),
        ] {
            assert_eq!(segment(id), expected);
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let long = "x".repeat(1000);
        for (status, body, expected) in [
            (200, Some("[1]"), "[1]".to_owned()),
            (204, Some(""), "null".to_owned()),
            (200, Some("<html>"), "the answer is not JSON: expected value at line 1 column 1".to_owned()),
            (200, None, "the answer has more than 9 bytes".to_owned()),
            (400, Some(r#"{"message":"no\u001b[31m"}"#), "400: no [31m".to_owned()),
            (502, Some("<html>bad"), "502: <html>bad".to_owned()),
            (500, Some(""), "500: it does not say why".to_owned()),
            (500, Some(&long), format!("500: {}", "x".repeat(300))),
        ] {
            let reply = HttpReply { status, body: body.map(|body| body.as_bytes().to_vec()) };
            let told = match value_of(reply, 9) {
                Ok(value) => value.to_string(),
                Err(trouble) => trouble.to_string(),
            };
            assert_eq!(told, expected, "{status} {body:?}");
        }
    }
}
