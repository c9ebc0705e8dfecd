//! Spreading the intervals of many gateways, always the same way for the same gateway.

/// FNV-1a, 32 bits.
fn fnv1a32(text: &str) -> u32 {
    const OFFSET_BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

/// The interval, lengthened by up to a `share` of itself that depends on the gateway alone.
///
/// Magma-compat: in hundredths and in single precision, so that a gateway which moves over from Magma keeps its
/// interval to the second.
pub(crate) fn lengthened(interval: u32, gateway: &str, share: f32) -> u32 {
    let hundredths = (fnv1a32(gateway) % 100) as f32;
    (interval as f32 * (1.0 + share * hundredths / 100.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        for (text, hash) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(fnv1a32(text), hash, "{text}");
        }
    }

    #[test]
    fn intervals_grow_by_less_than_the_share() {
        for gateway in ["g1", "gateway_2", "lab-3"] {
            let interval = lengthened(1000, gateway, 0.25);
            assert!((1000..1250).contains(&interval), "{gateway}: {interval}");
            assert_eq!(interval, lengthened(1000, gateway, 0.25));
        }
        assert_eq!(lengthened(u32::MAX, "g1", 0.25), u32::MAX, "saturates");
        assert_eq!(lengthened(0, "g1", 0.25), 0);
    }
}
