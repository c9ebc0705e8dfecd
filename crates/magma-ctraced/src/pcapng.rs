//! Cuts a pcapng file between two of its blocks, so that what is left can be read.
//!
//! Standard: draft-ietf-opsawg-pcapng, section 3.1 (each block begins with its type and its length).

/// The section header's type, the same in both byte orders, and the mark that tells the order.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const LITTLE_ENDIAN_MARK: [u8; 4] = [0x4d, 0x3c, 0x2b, 0x1a];
/// Type and two lengths.
const BLOCK_BYTES_MIN: usize = 12;

/// How many bytes from the beginning of `file` are whole blocks; all that there are for another format.
pub(crate) fn whole_blocks(file: &[u8]) -> usize {
    let is_little_endian = match file.get(8..12) {
        Some(mark) if file.starts_with(&SECTION_HEADER) => mark == LITTLE_ENDIAN_MARK,
        _ => return file.len(),
    };
    let mut end = 0;
    while let Some(length) = file.get(end + 4..end + 8).and_then(|length| <[u8; 4]>::try_from(length).ok()) {
        let length = match is_little_endian {
            true => u32::from_le_bytes(length),
            false => u32::from_be_bytes(length),
        };
        match end.checked_add(length as usize).filter(|next| *next <= file.len()) {
            Some(next) if next >= end + BLOCK_BYTES_MIN => end = next,
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(kind: [u8; 4], content: &[u8], little_endian: bool) -> Vec<u8> {
        let length = u32::try_from(content.len() + BLOCK_BYTES_MIN).unwrap();
        let length = if little_endian { length.to_le_bytes() } else { length.to_be_bytes() };
        [&kind[..], &length, content, &length].concat()
    }

    #[test]
    fn a_file_is_cut_between_two_blocks() {
        for little_endian in [true, false] {
            let mark = if little_endian { [0x4d, 0x3c, 0x2b, 0x1a] } else { [0x1a, 0x2b, 0x3c, 0x4d] };
            let header = block(SECTION_HEADER, &mark, little_endian);
            let packet = block([6, 0, 0, 0], &[7; 40], little_endian);
            let file = [&header[..], &packet, &packet].concat();
            let (one, two) = (header.len() + packet.len(), file.len());
            for (length, expected) in [
                (two, two),
                (two - 1, one),
                (one, one),
                (one - 1, header.len()),
                (header.len(), header.len()),
            ] {
                assert_eq!(whole_blocks(&file[..length]), expected, "{length}");
            }
        }
    }

    #[test]
    fn other_files_and_damaged_ones_have_an_end() {
        for (name, file, expected) in [
            ("nothing", &b""[..], 0),
            ("another format", b"some other file", 15),
            ("a block without length", &[SECTION_HEADER, [0; 4], LITTLE_ENDIAN_MARK, [0; 4]].concat(), 0),
            ("a block without end", &[SECTION_HEADER, [0xff; 4], LITTLE_ENDIAN_MARK, [0; 4]].concat(), 0),
        ] {
            assert_eq!(whole_blocks(file), expected, "{name}");
        }
    }
}
