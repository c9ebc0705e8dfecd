//! Parameters as Prometheus takes them: in the query, or in a form that is posted; some may come more than once.

use crate::error::ApiError;
use crate::routes::{Operation, QueryParameter, Takes};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use std::marker::PhantomData;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use wire_rest::HasSchema;

/// Whether a parameter must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Required,
    Optional,
}

/// The parameters that an operation knows.
pub(crate) trait Known: Send {
    const NAMES: &'static [(&'static str, Presence)];
}

/// The parameters of a request; unknown ones are passed over.
pub(crate) struct Parameters<K> {
    pairs: Vec<(String, String)>,
    known: PhantomData<K>,
}

impl<K: Known> Parameters<K> {
    /// The first of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, value)| known == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// All of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let of_name = self.pairs.iter().filter(move |(known, value)| known == name && !value.is_empty());
        of_name.map(|(_, value)| value.as_str())
    }

    /// One that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| ApiError::bad(format!("the parameter {name} is missing")))
    }

    /// A moment, in milliseconds since 1970.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.get(name).map(|text| moment(name, text)).transpose()
    }

    /// Whether something is wanted, `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let read = |text: &str| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            other => {
                Err(ApiError::bad(format!("the parameter {name} is {other:?}, and must be true or false")))
            }
        };
        self.get(name).map(read).transpose()
    }
}

impl<K: Known, S: Send + Sync> FromRequest<S> for Parameters<K> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let mut pairs = pairs(request.uri().query().unwrap_or_default());
        let is_form = request
            .headers()
            .get(axum::http::header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        if is_form {
            let body = Bytes::from_request(request, state).await;
            let body = body.map_err(|rejection| ApiError::bad(rejection.body_text()))?;
            pairs.extend(self::pairs(&String::from_utf8_lossy(&body)));
        }
        Ok(Self { pairs, known: PhantomData })
    }
}

impl<K: Known> Takes for Parameters<K> {
    fn describe(operation: &mut Operation) {
        operation.query.extend(K::NAMES.iter().map(|(name, presence)| QueryParameter {
            name,
            schema: String::SCHEMA,
            required: *presence == Presence::Required,
        }));
    }
}

/// `2026-01-02T03:04:05Z`, or seconds since 1970, in milliseconds.
pub(crate) fn moment(name: &str, text: &str) -> Result<i64, ApiError> {
    let wrong = || {
        ApiError::bad(format!(
            "invalid parameter {name}: cannot parse {text:?} to a valid timestamp (seconds since 1970, or RFC 3339)"
        ))
    };
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1000.0).round();
        return if ms.abs() < 9e15 { Ok(ms as i64) } else { Err(wrong()) };
    }
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?;
    Ok((moment.unix_timestamp_nanos() / 1_000_000) as i64)
}

/// `15`, `0.5`, `1m30s`, in milliseconds.
pub(crate) fn duration(name: &str, text: &str) -> Result<i64, ApiError> {
    let wrong =
        || ApiError::bad(format!("invalid parameter {name}: cannot parse {text:?} to a valid duration"));
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1000.0).round();
        return if ms.abs() < 9e15 { Ok(ms as i64) } else { Err(wrong()) };
    }
    let ms = orc8r_metrics::promql::duration_ms(text).ok_or_else(wrong)?;
    Ok(ms)
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    let parts = encoded.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Without percent signs and pluses; what is no UTF-8 is replaced.
fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |octets: &[u8]| u8::from_str_radix(std::str::from_utf8(octets).ok()?, 16).ok();
        match (first, after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)).and_then(hex))
        {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => octets.push(b' '),
            (other, _) => octets.push(*other),
        }
        rest = after;
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        for (encoded, want) in [
            ("", vec![]),
            ("a=b&a=c", vec![("a", "b"), ("a", "c")]),
            ("query=sum%28up%7Ba%3D%22%C3%A4%22%7D%29+%2B+1", vec![("query", "sum(up{a=\"ä\"}) + 1")]),
            ("a%5B%5D=1&b", vec![("a[]", "1"), ("b", "")]),
            ("a=%zz%4&b=%+1", vec![("a", "%zz%4"), ("b", "% 1")]),
        ] {
            let pairs = pairs(encoded);
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(pairs, want, "{encoded}");
        }
    }

    #[test]
    fn moments_and_durations_have_two_forms() {
        assert_eq!(moment("t", "1435781430.781").unwrap(), 1_435_781_430_781);
        assert_eq!(moment("t", "2015-07-01T20:10:30.781Z").unwrap(), 1_435_781_430_781);
        assert_eq!(moment("t", "2015-07-01T22:10:30.781+02:00").unwrap(), 1_435_781_430_781);
        for text in ["", "now", "1e300", "NaN", "2015-07-01"] {
            assert!(moment("t", text).is_err(), "{text}");
        }
        for (text, ms) in [("15", 15_000), ("0.5", 500), ("1m30s", 90_000), ("1h", 3_600_000), ("100ms", 100)]
        {
            assert_eq!(duration("step", text).unwrap(), ms, "{text}");
        }
        for text in ["", "x", "1x", "s", "inf"] {
            assert!(duration("step", text).is_err(), "{text}");
        }
    }
}
