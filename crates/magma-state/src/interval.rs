//! How often a round is made.

use std::time::Duration;

/// When neither the cloud nor `state.yml` says.
pub const SYNC_INTERVAL_DEFAULT: Duration = Duration::from_secs(60);

/// The shortest pause between two rounds.
const MIN: Duration = Duration::from_secs(3);
/// Above this, a shorter interval of `state.yml` does not count.
const OVERRIDE_MAX: Duration = Duration::from_secs(10);

/// The pause between two rounds, from `sync_interval` of the managed configuration (0: not given) and of `state.yml`.
///
/// Magma-compat: a shorter interval of `state.yml` counts only between 3 and 10 s, both excluded.
/// Deviation: a longer one counts always, since operators of satellite links could not ask for less traffic.
pub fn sync_interval(managed_s: u32, configured: Option<Duration>) -> Duration {
    let managed = match managed_s {
        0 => SYNC_INTERVAL_DEFAULT,
        seconds => Duration::from_secs(seconds.into()).max(MIN),
    };
    match configured {
        Some(longer) if longer >= managed => longer,
        Some(shorter) if shorter > MIN && shorter < OVERRIDE_MAX => shorter,
        _ => managed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_yml_overrides_the_managed_interval_within_limits() {
        for (name, managed, configured, expected) in [
            ("nothing given", 0, None, 60),
            ("the cloud's", 30, None, 30),
            ("never under 3 s", 1, None, 3),
            ("a short one in state.yml", 60, Some(5), 5),
            ("3 s is too short", 60, Some(3), 60),
            ("10 s is not short", 60, Some(10), 60),
            ("the cloud's is shorter still", 4, Some(5), 5),
            ("a longer one, for a satellite link", 60, Some(3600), 3600),
        ] {
            let interval = sync_interval(managed, configured.map(Duration::from_secs));
            assert_eq!(interval, Duration::from_secs(expected), "{name}");
        }
    }
}
