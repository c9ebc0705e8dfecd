//! What a request presents to say who asks: a user's name and his API token, as HTTP basic authentication (RFC 7617), or
//! the session cookie of a browser.

use crate::Api;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use crate::oidc_sign_in::{SESSION_COOKIE, of};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_accounts::{ApiToken, TOKEN_LENGTH_MAX};
use orc8r_store::Session;

/// The header is not longer: a name of 64 bytes and a token, in base64.
const HEADER_LENGTH_MAX: usize = 6 + (64 + 1 + TOKEN_LENGTH_MAX).div_ceil(3) * 4;

/// What a request presents.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// A user and a token that can be one.
    Token {
        /// The user's name.
        user: String,
        /// What he presents.
        token: ApiToken,
    },
    /// A browser's session, by a page of our own.
    Cookie(ApiToken),
    /// Something that is neither.
    Unusable,
}

impl Credentials {
    /// What the headers present; `None`: nothing of the kind.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::basic(headers).or_else(|| Self::cookie(headers))
    }

    fn basic(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes();
        let (scheme, rest) = value.split_at_checked("basic ".len())?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let parsed = if value.len() <= HEADER_LENGTH_MAX { Self::parse(rest) } else { None };
        Some(parsed.unwrap_or(Self::Unusable))
    }

    /// A browser adds its cookies whoever makes it ask. So they count only where it says that a page of ours does, or the
    /// person himself (Fetch Metadata Request Headers, W3C).
    fn cookie(headers: &HeaderMap) -> Option<Self> {
        let token = ApiToken::parse(of(headers, SESSION_COOKIE)?)?;
        let site = headers.get("sec-fetch-site")?.as_bytes();
        matches!(site, b"same-origin" | b"none").then_some(Self::Cookie(token))
    }

    fn parse(base64: &[u8]) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(base64.trim_ascii()).ok()?).ok()?;
        let (user, token) = text.split_once(':')?;
        Some(Self::Token { user: user.to_owned(), token: ApiToken::parse(token)? })
    }

    /// By which the token is kept.
    pub(crate) fn digest(&self) -> Option<String> {
        match self {
            Self::Token { token, .. } | Self::Cookie(token) => Some(token.digest().0),
            Self::Unusable => None,
        }
    }

    /// Who they are of.
    ///
    /// # Errors
    /// 401 when they are nobody's: what exactly is wrong is not told.
    pub(crate) async fn session(&self, api: &Api) -> Result<Session, ApiError> {
        let refused = || ApiError::Unauthenticated("the user or the API token is not known".to_owned());
        let digest = self.digest().ok_or_else(refused)?;
        let session = api.store.session(&digest, unix_seconds()).await?;
        let is_his = |session: &Session| match self {
            Self::Token { user, .. } => session.user == *user,
            Self::Cookie(_) => true,
            Self::Unusable => false,
        };
        session.filter(is_his).ok_or_else(refused)
    }
}
