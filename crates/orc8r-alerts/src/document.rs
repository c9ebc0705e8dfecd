//! Silences as they are kept.

use serde::{Deserialize, Serialize};
use wire_rest::types::{AlertSilencer, Matcher};

use crate::duration::moment_ms;

/// What nobody is told of for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    /// Why.
    pub comment: String,
    /// Who wants it.
    pub created_by: String,
    /// From when on, in milliseconds since 1970.
    pub starts_ms: i64,
    /// Until when.
    pub ends_ms: i64,
    /// When it was changed last.
    pub updated_ms: i64,
    /// What an alert must match, all of them.
    pub matchers: Vec<Matcher>,
}

/// A silence as REST has it, checked.
///
/// # Errors
/// What is wrong with it.
pub fn silence_from(body: AlertSilencer, now_ms: i64) -> Result<Silence, String> {
    let time = |name: &str, text: &str| {
        moment_ms(text).ok_or_else(|| format!("{name} {text:?} is no time (RFC 3339)"))
    };
    let (starts_ms, ends_ms) = (time("startsAt", &body.starts_at)?, time("endsAt", &body.ends_at)?);
    if ends_ms <= starts_ms {
        return Err("endsAt must be after startsAt".to_owned());
    }
    if ends_ms <= now_ms {
        return Err("endsAt is in the past".to_owned());
    }
    if body.matchers.is_empty() {
        return Err("a silence needs a matcher".to_owned());
    }
    for matcher in &body.matchers {
        crate::silence::expression(matcher)?;
    }
    Ok(Silence {
        comment: body.comment,
        created_by: body.created_by,
        starts_ms: starts_ms.max(now_ms.min(ends_ms)),
        ends_ms,
        updated_ms: now_ms,
        matchers: body.matchers,
    })
}
