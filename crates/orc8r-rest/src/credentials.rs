//! The credentials of HTTP basic authentication (RFC 7617): a user's name, and his API token as password.

use crate::Api;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_accounts::{ApiToken, TOKEN_LENGTH_MAX};
use orc8r_store::Session;

/// The header is not longer: a name of 64 bytes and a token, in base64.
const HEADER_LENGTH_MAX: usize = 6 + (64 + 1 + TOKEN_LENGTH_MAX).div_ceil(3) * 4;

/// What a request presents.
#[derive(Clone)]
pub(crate) enum BasicCredentials {
    /// A user and a token that can be one.
    Token {
        /// The user's name.
        user: String,
        /// What he presents.
        token: ApiToken,
    },
    /// Something that is neither.
    Unusable,
}

impl BasicCredentials {
    /// What the headers present; `None`: nothing of the kind.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes();
        let (scheme, rest) = value.split_at_checked("basic ".len())?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let parsed = if value.len() <= HEADER_LENGTH_MAX { Self::parse(rest) } else { None };
        Some(parsed.unwrap_or(Self::Unusable))
    }

    fn parse(base64: &[u8]) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(base64.trim_ascii()).ok()?).ok()?;
        let (user, token) = text.split_once(':')?;
        Some(Self::Token { user: user.to_owned(), token: ApiToken::parse(token)? })
    }

    /// Who they are of.
    ///
    /// # Errors
    /// 401 when they are nobody's: what exactly is wrong is not told.
    pub(crate) async fn session(&self, api: &Api) -> Result<Session, ApiError> {
        let refused = || ApiError::Unauthenticated("the user or the API token is not known".to_owned());
        let Self::Token { user, token } = self else { return Err(refused()) };
        let session = api.store.session(&token.digest().0, unix_seconds()).await?;
        session.filter(|session| session.user == *user).ok_or_else(refused)
    }
}
