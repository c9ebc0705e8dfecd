//! `/about/backup`: when the Orchestrator was backed up last, and whether another backup is due; for who administers
//! everything.

use crate::Api;
use crate::access::MayWrite;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use crate::gateway_summaries::{COUNT, field};
use crate::routes::Routes;
use axum::extract::State;
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;
use wire_rest::{Definition, HasSchema, Schema, Text};

/// A backup that is older is worth a word: one a week, and a day to make it.
pub const BACKUP_SECONDS: i64 = 8 * 24 * 3600;

/// Tells of the last backup; it may read files.
pub type OwnBackup = Arc<dyn Fn() -> LastBackup + Send + Sync>;

/// What is known of backups; seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastBackup {
    /// When the last one was made; `None`: none is known.
    pub made: Option<i64>,
    /// Since when there is something to back up; `None`: that is not known, as where others see to the database.
    pub began: Option<i64>,
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/backup", read)
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Need {
    /// None is needed now.
    Ok,
    /// One is.
    Due,
}

#[derive(Serialize)]
struct Shown {
    state: Need,
    /// When the last one was made, in seconds since 1970; 0: none is known.
    time: i64,
}

async fn read(
    State(api): State<Api>,
    Extension(MayWrite(administers)): Extension<MayWrite>,
) -> Result<Json<Shown>, ApiError> {
    if !administers {
        let why = "only who may change everything is told of the Orchestrator's backups";
        return Err(ApiError::Forbidden(why.to_owned()));
    }
    let last = tokio::task::spawn_blocking(move || (api.own_backup)()).await;
    let last = last.map_err(|_| ApiError::Defect)?;
    Ok(Json(Shown { state: last.need(unix_seconds()), time: last.made.unwrap_or_default() }))
}

impl LastBackup {
    fn need(self, now: i64) -> Need {
        let is_old = |since: i64| now - since > BACKUP_SECONDS;
        if self.made.or(self.began).is_some_and(is_old) { Need::Due } else { Need::Ok }
    }
}

impl HasSchema for Shown {
    const SCHEMA: &'static Schema = &Schema::Named(&BACKUP);
}

static BACKUP: Definition = Definition {
    name: "own_backup",
    schema: Schema::Object(&[
        field("state", Schema::Text(Text { allowed: &["ok", "due"], ..Text::ANY })),
        field("time", Schema::Integer(COUNT)),
    ]),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_due_a_week_after_the_last_or_after_the_beginning() {
        const NOW: i64 = 100 * 24 * 3600;
        let (old, new) = (Some(NOW - BACKUP_SECONDS - 1), Some(NOW - BACKUP_SECONDS));
        for (made, began, need) in [
            (new, old, Need::Ok),
            (old, new, Need::Due),
            (None, old, Need::Due),
            (None, new, Need::Ok),
            (None, None, Need::Ok),
            (Some(NOW + 5), None, Need::Ok),
        ] {
            assert_eq!(LastBackup { made, began }.need(NOW), need, "{made:?} {began:?}");
        }
    }
}
