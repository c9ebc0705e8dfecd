//! How often a password may be tried: five mistakes in a row cost half a minute, for each user by himself.

use crate::error::ApiError;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Mistakes in a row that cost nothing.
const FREE_MISTAKES: u32 = 5;

/// How long everybody waits after that who tries this user.
const WAIT: Duration = Duration::from_secs(30);

/// So many users are remembered; the longest untried is forgotten first.
const USERS_MAX: usize = 10_000;

/// Recent mistakes, by user.
#[derive(Default)]
pub(crate) struct Attempts {
    mistakes: Mutex<BTreeMap<String, Mistakes>>,
}

#[derive(Clone, Copy)]
struct Mistakes {
    count: u32,
    last: Instant,
}

/// An attempt under way: a mistake, unless it is said to have succeeded.
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    user: String,
}

impl Attempts {
    /// Begins an attempt, which counts as a mistake from now on.
    ///
    /// # Errors
    /// 429 after too many mistakes.
    pub(crate) fn begin(&self, user: &str) -> Result<Attempt<'_>, ApiError> {
        let now = Instant::now();
        let mut mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        let before = mistakes.get(user).copied().filter(|before| now - before.last < WAIT);
        let count = before.map_or(0, |before| before.count);
        if count >= FREE_MISTAKES {
            return Err(ApiError::TooMany(format!(
                "too many attempts for this user: wait {} seconds, then try again",
                WAIT.as_secs()
            )));
        }
        if mistakes.len() >= USERS_MAX && !mistakes.contains_key(user) {
            let oldest = mistakes.iter().min_by_key(|(_, found)| found.last).map(|(name, _)| name.clone());
            oldest.map(|name| mistakes.remove(&name));
        }
        mistakes.insert(user.to_owned(), Mistakes { count: count + 1, last: now });
        Ok(Attempt { attempts: self, user: user.to_owned() })
    }
}

impl Attempt<'_> {
    /// It was the right password.
    pub(crate) fn succeeded(self) {
        let mut mistakes = self.attempts.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        mistakes.remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_mistakes_cost_half_a_minute_and_no_other_user() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            assert!(attempts.begin("ann").is_ok());
        }
        assert!(attempts.begin("ann").is_err());
        assert!(attempts.begin("bob").is_ok());
        tokio::time::advance(WAIT).await;
        attempts.begin("ann").unwrap().succeeded();
        for _ in 0..5 {
            assert!(attempts.begin("ann").is_ok(), "a success forgives");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..USERS_MAX + 10 {
            assert!(attempts.begin(&number.to_string()).is_ok());
        }
        assert_eq!(attempts.mistakes.lock().unwrap().len(), USERS_MAX);
    }
}
