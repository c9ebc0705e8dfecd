//! ID tokens (OpenID Connect Core 1.0, 3.1.3.7): signed by a key that the provider publishes, and for us, now, this once.

use super::provider::{Algorithm, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Longer than any token that names a person and his groups.
const LENGTH_MAX: usize = 64 << 10;
const SUBJECT_LENGTH_MAX: usize = 255;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Whose it is.
    pub issuer: &'a str,
    /// Whom it is for.
    pub client_id: &'a str,
    /// Which sign-in it is of.
    pub nonce: &'a str,
    /// What time it is, in seconds since 1970.
    pub now: i64,
    /// How far the clocks may differ, in seconds.
    pub leeway: i64,
}

/// What a token says, after it was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(pub(super) Map<String, Value>);

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// It is none.
    #[error("it cannot be read")]
    Unreadable,
    /// It names an algorithm that is not taken.
    #[error("it is signed neither by RS256 nor by ES256")]
    Algorithm,
    /// It names a key that is not known: the provider may have a new one.
    #[error("it is signed by a key that the provider does not publish")]
    UnknownKey,
    /// The signature is none of the key's.
    #[error("its signature is wrong")]
    Signature,
    /// A claim is missing, or says something else.
    #[error("its claim {0} is missing or wrong")]
    Claim(&'static str),
}

/// What a token says, if it is what it should be.
///
/// # Errors
/// [`TokenProblem`]; after [`TokenProblem::UnknownKey`] it is worth to fetch the keys again.
pub fn verify(token: &str, keys: &KeySet, expected: Expected<'_>) -> Result<Claims, TokenProblem> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenProblem::Unreadable)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenProblem::Unreadable)?;
    if token.len() > LENGTH_MAX {
        return Err(TokenProblem::Unreadable);
    }
    let header = object(header)?;
    let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
    let algorithm = algorithm.filter(|_| !header.contains_key("crit")).ok_or(TokenProblem::Algorithm)?;
    let id = header.get("kid").and_then(Value::as_str);
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenProblem::Unreadable)?;
    match keys.verify(algorithm, id, signed.as_bytes(), &signature) {
        None => return Err(TokenProblem::UnknownKey),
        Some(false) => return Err(TokenProblem::Signature),
        Some(true) => {}
    }
    let claims = object(payload)?;
    check(&claims, expected)?;
    Ok(Claims(claims))
}

fn object(base64: &str) -> Result<Map<String, Value>, TokenProblem> {
    let json = URL_SAFE_NO_PAD.decode(base64).map_err(|_| TokenProblem::Unreadable)?;
    serde_json::from_slice(&json).map_err(|_| TokenProblem::Unreadable)
}

fn check(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), TokenProblem> {
    let text = |name| claims.get(name).and_then(Value::as_str);
    let moment = |name: &str| {
        let value = claims.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
    };
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is_party = match text("azp") {
        Some(party) => party == expected.client_id,
        None => audience.len() == 1 && !claims.contains_key("azp"),
    };
    let latest = expected.now.saturating_add(expected.leeway);
    let earliest = expected.now.saturating_sub(expected.leeway);
    for (name, holds) in [
        ("iss", text("iss") == Some(expected.issuer)),
        ("aud", audience.contains(&expected.client_id)),
        ("azp", is_party),
        ("nonce", text("nonce") == Some(expected.nonce)),
        ("exp", moment("exp").is_some_and(|end| end > earliest)),
        ("iat", moment("iat").is_some_and(|issued| issued <= latest)),
        ("nbf", !claims.contains_key("nbf") || moment("nbf").is_some_and(|begin| begin <= latest)),
        ("sub", text("sub").is_some_and(|sub| (1..=SUBJECT_LENGTH_MAX).contains(&sub.len()))),
    ] {
        if !holds {
            return Err(TokenProblem::Claim(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
