//! CRC-32 of IEEE 802.3 (polynomial 0xEDB88320, reflected), by one table of 1 kB made at compile time.

const TABLE: [u32; 256] = table();

/// A checksum in the making.
pub(crate) struct Crc32(u32);

impl Crc32 {
    pub fn new() -> Self {
        Self(u32::MAX)
    }

    pub fn add(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |sum, byte| (sum >> 8) ^ TABLE[usize::from((sum as u8) ^ byte)]))
    }

    pub fn value(self) -> u32 {
        !self.0
    }
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xEDB8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_values_of_the_standard_come_out() {
        for (text, sum) in [("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43)] {
            assert_eq!(Crc32::new().add(text.as_bytes()).value(), sum, "{text}");
        }
        assert_eq!(Crc32::new().add(b"1234").add(b"56789").value(), 0xCBF4_3926);
    }
}
