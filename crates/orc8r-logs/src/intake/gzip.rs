//! Unpacks compressed entries, as far as is sensible.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

/// The most that one message may become. Fluent Bit compresses chunks of 2 MB, fluentd ones of 8 MB.
pub(super) const UNPACKED_BYTES_MAX: usize = 32 << 20;

/// The octets that were packed, in one part or several; none when they are no gzip, or too many.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let mut reader = MultiGzDecoder::new(packed).take(UNPACKED_BYTES_MAX as u64 + 1);
    reader.read_to_end(&mut unpacked).ok()?;
    (unpacked.len() <= UNPACKED_BYTES_MAX).then_some(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::GzEncoder;

    fn packed(bytes: impl Read) -> Vec<u8> {
        let mut out = Vec::new();
        GzEncoder::new(bytes, Compression::fast()).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn one_part_or_several_are_unpacked() {
        let two = [packed(&b"one, "[..]), packed(&b"two"[..])].concat();
        assert_eq!(unpack(&two).unwrap(), b"one, two");
        assert_eq!(unpack(b""), None);
        assert_eq!(unpack(b"no gzip at all"), None);
        assert_eq!(unpack(&two[..two.len() - 1]), None, "cut off");
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let bomb = packed(std::io::repeat(0).take(UNPACKED_BYTES_MAX as u64 + 1));
        assert!(bomb.len() < 200_000);
        assert_eq!(unpack(&bomb), None);
        let largest = packed(std::io::repeat(0).take(UNPACKED_BYTES_MAX as u64));
        assert_eq!(unpack(&largest).map(|bytes| bytes.len()), Some(UNPACKED_BYTES_MAX));
    }
}
