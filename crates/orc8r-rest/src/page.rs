//! Pages of a long list: `page_size` and `page_token`.

use crate::error::ApiError;
use crate::routes::{Operation, QueryParameter, Takes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_store::Page;
use serde::Deserialize;
use wire_rest::HasSchema;

/// The size of a page that does not say, and of the largest: Magma's limit.
const PAGE_SIZE_MAX: u32 = 15_000;

#[derive(Deserialize)]
struct PageQuery {
    page_size: Option<String>,
    page_token: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageRequest {
    size: u32,
    after: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for PageRequest {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = Query::<PageQuery>::from_request_parts(parts, state).await;
        let Query(query) = query.map_err(|rejection| ApiError::bad(rejection.body_text()))?;
        Self::parse(
            query.page_size.as_deref().unwrap_or_default(),
            query.page_token.as_deref().unwrap_or_default(),
        )
    }
}

impl Takes for PageRequest {
    fn describe(operation: &mut Operation) {
        operation.query.extend([
            QueryParameter { name: "page_size", schema: u32::SCHEMA, required: false },
            QueryParameter { name: "page_token", schema: String::SCHEMA, required: false },
        ]);
    }
}

impl PageRequest {
    fn parse(size: &str, token: &str) -> Result<Self, ApiError> {
        let size = match size {
            "" => 0,
            text => text
                .parse()
                .map_err(|_| ApiError::bad(format!("page_size in query must be of type uint32: {text:?}")))?,
        };
        let size = if size == 0 { PAGE_SIZE_MAX } else { PAGE_SIZE_MAX.min(size) };
        let after = if token.is_empty() { None } else { Some(last_of(token)?) };
        Ok(Self { size, after })
    }

    /// What to read: one more than the page holds, which tells whether there is a next page.
    pub(crate) fn to_read(&self) -> Page {
        Page { size_max: Some(self.size + 1), after: self.after.clone() }
    }

    /// Cuts what was read to the page, and makes the token of the next page: empty when there is none.
    pub(crate) fn cut<T>(&self, mut read: Vec<T>, key: impl Fn(&T) -> &str) -> (Vec<T>, String) {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        if read.len() <= size {
            return (read, String::new());
        }
        read.truncate(size);
        let token = read.last().map(|last| token_after(key(last))).unwrap_or_default();
        (read, token)
    }
}

/// The token of the page after `key`: base64 of a protobuf message with `last_included_entity = 1`.
fn token_after(key: &str) -> String {
    let mut message = vec![LAST_INCLUDED_ENTITY];
    let mut length = key.len();
    while length >= 0x80 {
        message.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend_from_slice(key.as_bytes());
    STANDARD.encode(message)
}

/// Field 1, length-delimited.
const LAST_INCLUDED_ENTITY: u8 = 0x0a;

fn last_of(token: &str) -> Result<String, ApiError> {
    let invalid = || ApiError::bad("page_token in query is none that a page before gave");
    let message = STANDARD.decode(token).map_err(|_| invalid())?;
    let Some((&LAST_INCLUDED_ENTITY, rest)) = message.split_first() else { return Err(invalid()) };
    // The length is told by what is left: it is the only field.
    let header = rest.iter().position(|byte| byte & 0x80 == 0).ok_or_else(invalid)?;
    let key = String::from_utf8(rest[header + 1..].to_vec()).map_err(|_| invalid())?;
    if token_after(&key) == token { Ok(key) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_magmas() {
        assert_eq!(token_after("g1"), "CgJnMQ==");
        for key in ["g1", &"x".repeat(127), &"x".repeat(128), &"x".repeat(20_000)] {
            assert_eq!(last_of(&token_after(key)).unwrap(), key);
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for token in ["%", "AA==", "CgJn", "CgNnMQ==", "Cg==", "CgJnMRAB"] {
            assert!(last_of(token).is_err(), "{token}");
        }
    }

    #[test]
    fn the_size_has_a_default_and_a_limit() {
        let size = |text| PageRequest::parse(text, "").map(|page| page.size);
        assert_eq!(size("").unwrap(), 15_000);
        assert_eq!(size("0").unwrap(), 15_000);
        assert_eq!(size("7").unwrap(), 7);
        assert_eq!(size("4000000000").unwrap(), 15_000);
        assert!(size("-1").is_err() && size("many").is_err());
    }

    #[test]
    fn the_last_page_has_no_token() {
        let page = PageRequest::parse("2", "").unwrap();
        assert_eq!(page.to_read().size_max, Some(3));
        assert_eq!(page.cut(vec!["a", "b"], |key| key), (vec!["a", "b"], String::new()));
        assert_eq!(page.cut(vec!["a", "b", "c"], |key| key), (vec!["a", "b"], token_after("b")));
    }
}
