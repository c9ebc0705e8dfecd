//! Recognises a wrong clock, which otherwise looks like a certificate problem.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A difference that is worth a warning: Magma's challenge is valid for as long.
const TOLERANCE: Duration = Duration::from_secs(300);
/// 2020 to 2100, in seconds: what counts as a time at all.
const PLAUSIBLE: std::ops::Range<u64> = 1_577_836_800..4_102_444_800;
/// Sizes of the signature at a challenge's end: RSA keys of 1024, 2048, 3072 and 4096 bits, the usual one first, and the
/// code of 32 bytes that our orc8r puts in its place.
const SIGNATURE_BYTES: [usize; 5] = [256, 384, 128, 512, 32];

/// When the cloud made `challenge`, by its own clock, if the challenge is of Magma's form: random bytes, eight bytes
/// of big-endian Unix seconds, a signature.
pub fn time_of_challenge(challenge: &[u8]) -> Option<SystemTime> {
    SIGNATURE_BYTES.iter().find_map(|signature| {
        let end = challenge.len().checked_sub(*signature)?;
        let bytes = challenge.get(end.checked_sub(8)?..end)?;
        let seconds = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        PLAUSIBLE.contains(&seconds).then(|| UNIX_EPOCH + Duration::from_secs(seconds))
    })
}

/// A sentence for the operator when this machine's clock and the cloud's differ by more than five minutes.
pub fn warning(ours: SystemTime, cloud: SystemTime) -> Option<String> {
    let (difference, which) = match cloud.duration_since(ours) {
        Ok(behind) => (behind, "behind"),
        Err(ahead) => (ahead.duration(), "ahead of"),
    };
    (difference > TOLERANCE).then(|| {
        format!(
            "this machine's clock is {} {which} the cloud's; set it by NTP (timedatectl, chronyd)",
            span(difference)
        )
    })
}

/// `difference` in its two largest units.
pub fn span(difference: Duration) -> String {
    let minutes = difference.as_secs() / 60;
    match minutes {
        0 => format!("{} s", difference.as_secs()),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn challenge(length: usize, signature: usize, seconds: u64) -> Vec<u8> {
        let mut bytes = vec![0xA5; length];
        let end = length - signature;
        bytes[end - 8..end].copy_from_slice(&seconds.to_be_bytes());
        bytes
    }

    #[test]
    fn the_time_is_found_whatever_the_size_of_the_clouds_key() {
        let now = Some(UNIX_EPOCH + Duration::from_secs(NOW));
        let rows = [
            ("2048 bits", challenge(512, 256, NOW), now),
            ("1024 bits", challenge(512, 128, NOW), now),
            ("3072 bits", challenge(512, 384, NOW), now),
            ("of our orc8r", challenge(512, 32, NOW), now),
            ("no time", challenge(512, 256, 7), None),
            ("random", vec![0xA5; 512], None),
            ("short", vec![1, 2, 3], None),
            ("empty", vec![], None),
        ];
        for (name, bytes, expected) in rows {
            assert_eq!(time_of_challenge(&bytes), expected, "{name}");
        }
    }

    #[test]
    fn only_a_clock_that_is_minutes_off_is_warned_of() {
        let ours = UNIX_EPOCH + Duration::from_secs(NOW);
        let minutes = |count: u64| Duration::from_secs(count * 60);
        let rows = [
            (ours + minutes(4), None),
            (ours - minutes(4), None),
            (ours + minutes(61), Some("1 h 1 min behind")),
            (ours - minutes(3000), Some("2 days 2 h ahead of")),
            (ours + minutes(6), Some("6 min behind")),
        ];
        for (cloud, expected) in rows {
            let said = warning(ours, cloud);
            match expected {
                None => assert_eq!(said, None),
                Some(words) => {
                    let said = said.expect("a warning");
                    assert!(said.contains(words) && said.contains("NTP"), "{said}");
                }
            }
        }
    }
}
