//! How often a password may be tried: five mistakes in a row cost half a minute, for each user by himself, and fifty from
//! one address, for all who come from there.

use crate::error::ApiError;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Mistakes in a row that cost nothing.
const FREE_MISTAKES: u32 = 5;

/// The same for one address, which many people may share.
const FREE_MISTAKES_OF_AN_ADDRESS: u32 = 50;

/// How long everybody waits after that who tries this user.
const WAIT: Duration = Duration::from_secs(30);

/// So many users and addresses are remembered; the longest untried is forgotten first.
const ORIGINS_MAX: usize = 10_000;

/// Recent mistakes, by whom or from where.
#[derive(Default)]
pub(crate) struct Attempts {
    mistakes: Mutex<BTreeMap<Origin, Mistakes>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    User(String),
    /// Of IPv6, the half that names a network: whoever has one has all of it.
    Address(IpAddr),
}

impl Origin {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) >> 64 << 64;
                Self::Address(IpAddr::V6(network.into()))
            }
            address => Self::Address(address),
        }
    }

    fn free_mistakes(&self) -> u32 {
        match self {
            Self::User(_) => FREE_MISTAKES,
            Self::Address(_) => FREE_MISTAKES_OF_AN_ADDRESS,
        }
    }
}

#[derive(Clone, Copy)]
struct Mistakes {
    count: u32,
    last: Instant,
}

/// An attempt under way: a mistake, unless it is said to have succeeded.
pub(crate) struct Attempt<'a> {
    attempts: &'a Attempts,
    origins: Vec<Origin>,
}

impl Attempts {
    /// Begins an attempt, which counts as a mistake from now on.
    ///
    /// # Errors
    /// 429 after too many mistakes.
    pub(crate) fn begin(&self, user: &str, address: Option<IpAddr>) -> Result<Attempt<'_>, ApiError> {
        let now = Instant::now();
        let user = Origin::User(user.to_owned());
        let origins: Vec<Origin> = [user].into_iter().chain(address.map(Origin::of)).collect();
        let mut mistakes = self.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |mistakes: &BTreeMap<Origin, Mistakes>, origin: &Origin| {
            let before = mistakes.get(origin).filter(|before| now - before.last < WAIT);
            before.map_or(0, |before| before.count)
        };
        if origins.iter().any(|origin| recent(&mistakes, origin) >= origin.free_mistakes()) {
            return Err(ApiError::TooMany(format!(
                "too many attempts for this user, or from this address: wait {} seconds, then try again",
                WAIT.as_secs()
            )));
        }
        for origin in &origins {
            let count = recent(&mistakes, origin) + 1;
            if mistakes.len() >= ORIGINS_MAX && !mistakes.contains_key(origin) {
                let oldest =
                    mistakes.iter().min_by_key(|(_, found)| found.last).map(|(origin, _)| origin.clone());
                oldest.map(|origin| mistakes.remove(&origin));
            }
            mistakes.insert(origin.clone(), Mistakes { count, last: now });
        }
        Ok(Attempt { attempts: self, origins })
    }
}

impl Attempt<'_> {
    /// It was the right password. The address has one mistake less: an account of one's own does not forgive guesses at
    /// those of others.
    pub(crate) fn succeeded(self) {
        let mut mistakes = self.attempts.mistakes.lock().unwrap_or_else(PoisonError::into_inner);
        for origin in &self.origins {
            match (origin, mistakes.get_mut(origin)) {
                (Origin::Address(_), Some(found)) => found.count = found.count.saturating_sub(1),
                _ => drop(mistakes.remove(origin)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn five_mistakes_cost_half_a_minute_and_no_other_user() {
        let attempts = Attempts::default();
        for _ in 0..5 {
            assert!(attempts.begin("ann", None).is_ok());
        }
        assert!(attempts.begin("ann", None).is_err());
        assert!(attempts.begin("bob", None).is_ok());
        tokio::time::advance(WAIT).await;
        attempts.begin("ann", None).unwrap().succeeded();
        for _ in 0..5 {
            assert!(attempts.begin("ann", None).is_ok(), "a success forgives");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_guesses_at_many_users_is_slowed_by_his_address() {
        let attempts = Attempts::default();
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for number in 0..FREE_MISTAKES_OF_AN_ADDRESS {
            let host = format!("2001:db8::{number:x}");
            assert!(attempts.begin(&number.to_string(), address(&host)).is_ok(), "{number}");
        }
        assert!(attempts.begin("ann", address("2001:db8::ffff:1")).is_err(), "the same network");
        assert!(attempts.begin("ann", address("2001:db8:0:1::1")).is_ok(), "another one");
        assert!(attempts.begin("ann", address("::ffff:192.0.2.1")).is_ok());
        assert!(attempts.begin("ann", None).is_ok());
        let guess = |number: u32| attempts.begin(&format!("u{number}"), address("192.0.2.2"));
        for number in 0..FREE_MISTAKES_OF_AN_ADDRESS {
            assert!(guess(number).is_ok());
            if let Ok(own) = attempts.begin("own", address("192.0.2.2")) {
                own.succeeded();
            }
        }
        assert!(guess(99).is_err(), "an account of his own in between changes nothing");
        tokio::time::advance(WAIT).await;
        assert!(attempts.begin("ann", address("2001:db8::1")).is_ok(), "after a while");
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded() {
        let attempts = Attempts::default();
        for number in 0..ORIGINS_MAX + 10 {
            assert!(attempts.begin(&number.to_string(), None).is_ok());
        }
        assert_eq!(attempts.mistakes.lock().unwrap().len(), ORIGINS_MAX);
    }
}
