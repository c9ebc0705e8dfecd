//! What is known of the provider: fetched when it is first needed, kept for an hour, and fetched again when a token is
//! signed by a key that is not among the known ones.

use crate::error::ApiError;
use orc8r_accounts::oidc::{Attempt, Claims, Expected, KeySet, Metadata, Settings, TokenProblem, verify};
use serde_json::Value;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout};

/// How long what was fetched is good.
const KNOWN_FOR: Duration = Duration::from_secs(3600);
/// Keys are not fetched more often than this, whatever tokens name.
const FETCH_PAUSE: Duration = Duration::from_secs(10);
/// How long one sign-in may take toward the provider, all its calls together.
const LIMIT: Duration = Duration::from_secs(20);
/// How many sign-ins ask the provider at once.
const AT_ONCE: usize = 16;

/// An answer of the provider, or why there is none.
pub type ProviderAnswer<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send + 'a>>;

/// The way to the provider: over TLS, bounded in time and size, without following redirections.
pub trait ProviderCalls: Send + Sync {
    /// The body of a 200 to a GET.
    fn get(&self, url: String) -> ProviderAnswer<'_>;
    /// The body of a 200 to a form that is posted, with an `Authorization` if there is one.
    fn post_form(&self, url: String, authorization: Option<String>, form: String) -> ProviderAnswer<'_>;
}

/// An operator's own directory of people.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    secret: Option<String>,
    calls: Arc<dyn ProviderCalls>,
    known: Mutex<Option<Known>>,
    turns: Semaphore,
}

#[derive(Clone)]
struct Known {
    metadata: Metadata,
    keys: KeySet,
    fetched: Instant,
}

impl Provider {
    /// One that is asked by `calls`; `secret` is the client's, if it has one.
    pub fn new(settings: Settings, secret: Option<String>, calls: Arc<dyn ProviderCalls>) -> Self {
        let (known, turns) = (Mutex::default(), Semaphore::new(AT_ONCE));
        Self { inner: Arc::new(Inner { settings, secret, calls, known, turns }) }
    }

    /// What the operator says of it.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Where a browser goes to sign in.
    ///
    /// # Errors
    /// 503 when the provider does not answer as it should.
    pub(crate) async fn authorization_url(&self, attempt: &Attempt) -> Result<String, ApiError> {
        let settings = self.settings();
        let known = self.limited(self.known(None)).await?;
        let scope = ["openid"].into_iter().chain(settings.scopes.iter().map(String::as_str));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", &settings.redirect_url),
            ("scope", &scope.collect::<Vec<_>>().join(" ")),
            ("state", &attempt.state()),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &attempt.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        let endpoint = &known.metadata.authorization_endpoint;
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{mark}{query}"))
    }

    /// Redeems a code; what the verified ID token says.
    ///
    /// # Errors
    /// 401 when the code or the token is not good; 503 when the provider does not answer as it should.
    pub(crate) async fn redeem(&self, code: &str, attempt: &Attempt, now: i64) -> Result<Claims, ApiError> {
        self.limited(async {
            let known = self.known(None).await?;
            let token = self.token(&known.metadata, code, attempt).await?;
            match self.verify(&token, &known.keys, attempt, now) {
                Err(TokenProblem::UnknownKey) => {
                    let known = self.known(Some(known.fetched)).await?;
                    self.verify(&token, &known.keys, attempt, now).map_err(refused)
                }
                outcome => outcome.map_err(refused),
            }
        })
        .await
    }

    fn verify(
        &self,
        token: &str,
        keys: &KeySet,
        attempt: &Attempt,
        now: i64,
    ) -> Result<Claims, TokenProblem> {
        let Settings { issuer, client_id, leeway_seconds, .. } = self.settings();
        let nonce = &attempt.nonce();
        verify(token, keys, Expected { issuer, client_id, nonce, now, leeway: *leeway_seconds })
    }

    async fn token(&self, metadata: &Metadata, code: &str, attempt: &Attempt) -> Result<String, ApiError> {
        let settings = self.settings();
        let verifier = attempt.verifier();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &settings.redirect_url),
            ("code_verifier", &verifier),
        ];
        let mut authorization = None;
        match &self.inner.secret {
            Some(secret) if metadata.wants_secret_in_form() => {
                fields.extend([("client_id", settings.client_id.as_str()), ("client_secret", secret)]);
            }
            Some(secret) => authorization = Some(basic(&settings.client_id, secret)),
            None => fields.push(("client_id", &settings.client_id)),
        }
        let url = metadata.token_endpoint.clone();
        let answer = self.inner.calls.post_form(url, authorization, form(&fields)).await;
        let answer = answer.map_err(|reason| refused(format!("the code was not redeemed: {reason}")))?;
        let answer: Value =
            serde_json::from_slice(&answer).map_err(|_| unusable("its token answer is no JSON"))?;
        let token = answer["id_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| unusable("its token answer has no ID token"))
    }

    /// What is known; fetched anew when it is old, or when it is no newer than what did not suffice.
    async fn known(&self, insufficient: Option<Instant>) -> Result<Known, ApiError> {
        let mut known = self.inner.known.lock().await;
        let is_good = |known: &Known| {
            let age = known.fetched.elapsed();
            let suffices = insufficient.is_none_or(|fetched| known.fetched > fetched);
            age < KNOWN_FOR && (suffices || age < FETCH_PAUSE)
        };
        if let Some(good) = known.as_ref().filter(|known| is_good(known)) {
            return Ok(good.clone());
        }
        let fetched = self.fetch().await?;
        *known = Some(fetched.clone());
        Ok(fetched)
    }

    async fn fetch(&self) -> Result<Known, ApiError> {
        let issuer = &self.settings().issuer;
        let answer = self.inner.calls.get(Metadata::url(issuer)).await.map_err(unusable)?;
        let metadata = Metadata::parse(&answer, issuer).map_err(unusable)?;
        let answer = self.inner.calls.get(metadata.jwks_uri.clone()).await.map_err(unusable)?;
        let keys = KeySet::parse(&answer).map_err(unusable)?;
        Ok(Known { metadata, keys, fetched: Instant::now() })
    }

    async fn limited<T>(&self, work: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        let Ok(_turn) = self.inner.turns.try_acquire() else {
            return Err(ApiError::TooMany("too many people sign in at once: try again".to_owned()));
        };
        timeout(LIMIT, work).await.unwrap_or_else(|_| Err(unusable("it does not answer in time")))
    }
}

/// The reason goes to the log: who tries to sign in need not know.
fn refused(reason: impl Display) -> ApiError {
    tracing::info!(%reason, "somebody whom the provider sent is not let in");
    ApiError::Unauthenticated("the sign-in failed: begin again".to_owned())
}

fn unusable(reason: impl Display) -> ApiError {
    tracing::warn!(%reason, "nobody can sign in: the OpenID provider cannot be used");
    ApiError::Unavailable(
        "the organisation's sign-in does not answer as it should: try again, or tell its administrator"
            .to_owned(),
    )
}

/// `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// RFC 6749, 2.3.1: both are encoded before they are joined.
fn basic(id: &str, secret: &str) -> String {
    use base64::Engine as _;
    let both = format!("{}:{}", encoded(id), encoded(secret));
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
}

fn encoded(text: &str) -> String {
    let octet = |octet: u8| match octet {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(octet).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(octet).collect()
}
