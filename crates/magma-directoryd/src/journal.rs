//! The bytes of a [`crate::FileTable`]'s file: a header, and one entry for each change, the newest last.

use std::collections::BTreeMap;

use magma_redis::Stored;

use crate::checksum::crc32;

/// The first bytes of the file: what it is, and the version of its format.
pub(crate) const HEADER: &[u8; 8] = b"mgtable1";

/// Before each entry: its length and its checksum, 4 bytes each, little-endian.
const FRAME_BYTES: usize = 8;
/// A longer entry is damage.
const ENTRY_BYTES_MAX: usize = 1 << 20;

/// A change: what is stored for an id now, or nothing any more.
pub(crate) fn write(id: &str, stored: Option<&Stored>, into: &mut Vec<u8>) {
    let mut entry = vec![u8::from(stored.is_some())];
    entry.extend_from_slice(&u16::try_from(id.len()).unwrap_or(u16::MAX).to_le_bytes());
    entry.extend_from_slice(id.as_bytes());
    entry.extend_from_slice(stored.map_or(&[][..], |stored| &stored.0));
    into.extend_from_slice(&u32::try_from(entry.len()).unwrap_or(u32::MAX).to_le_bytes());
    into.extend_from_slice(&crc32(&entry).to_le_bytes());
    into.extend_from_slice(&entry);
}

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Replayed {
    pub(crate) records: BTreeMap<String, Stored>,
    /// How many bytes of the file are whole entries; what follows was being written when the power went.
    pub(crate) whole: usize,
    /// Entries that are damaged.
    pub(crate) damaged: usize,
}

/// Carries the changes out. A file with another header counts as damaged from the beginning.
pub(crate) fn replay(bytes: &[u8]) -> Replayed {
    let mut replayed = Replayed::default();
    let Some(mut rest) = bytes.strip_prefix(HEADER) else {
        replayed.damaged = usize::from(!bytes.is_empty());
        return replayed;
    };
    while let Some((frame, behind)) = rest.split_first_chunk::<FRAME_BYTES>() {
        let [a, b, c, d, crc @ ..] = *frame;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some(entry) = behind.get(..length).filter(|_| length <= ENTRY_BYTES_MAX) else { break };
        match parse(entry).filter(|_| crc32(entry) == u32::from_le_bytes(crc)) {
            Some((id, Some(stored))) => drop(replayed.records.insert(id, stored)),
            Some((id, None)) => drop(replayed.records.remove(&id)),
            None => replayed.damaged += 1,
        }
        rest = &behind[length..];
    }
    replayed.whole = bytes.len() - rest.len();
    replayed
}

fn parse(entry: &[u8]) -> Option<(String, Option<Stored>)> {
    let ([there, low, high], rest) = entry.split_first_chunk()?;
    let (id, stored) = rest.split_at_checked(u16::from_le_bytes([*low, *high]).into())?;
    let id = std::str::from_utf8(id).ok()?.to_owned();
    Some((id, (*there == 1).then(|| Stored(stored.to_vec()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(changes: &[(&str, Option<&str>)]) -> Vec<u8> {
        let mut bytes = HEADER.to_vec();
        for (id, value) in changes {
            write(id, value.map(|value| Stored(value.into())).as_ref(), &mut bytes);
        }
        bytes
    }

    fn contents(bytes: &[u8]) -> (String, usize) {
        let replayed = replay(bytes);
        let text = |(id, stored): (&String, &Stored)| format!("{id}={} ", stored.0.escape_ascii());
        (replayed.records.iter().map(text).collect(), replayed.damaged)
    }

    #[test]
    fn the_last_change_counts() {
        let bytes =
            file(&[("a", Some("1")), ("b", Some("2")), ("a", Some("3")), ("b", None), ("c", Some(""))]);
        assert_eq!(contents(&bytes), ("a=3 c= ".to_owned(), 0));
        assert_eq!(replay(&bytes).whole, bytes.len());
    }

    #[test]
    fn a_file_cut_anywhere_has_what_was_whole() {
        let (one, two) = (file(&[("a", Some("1"))]), file(&[("a", Some("1")), ("b", Some("2"))]));
        for length in 0..two.len() {
            let replayed = replay(&two[..length]);
            assert_eq!(replayed.records.contains_key("a"), length >= one.len(), "{length}");
            assert!(!replayed.records.contains_key("b"), "{length}");
            assert!(replayed.whole <= length);
        }
    }

    #[test]
    fn a_damaged_entry_does_not_hide_those_behind_it() {
        let mut bytes = file(&[("a", Some("1")), ("b", Some("2")), ("c", Some("3"))]);
        let b = bytes.iter().rposition(|byte| *byte == b'b').unwrap();
        bytes[b] = b'x';
        assert_eq!(contents(&bytes), ("a=1 c=3 ".to_owned(), 1));
        assert_eq!(contents(b"something else"), (String::new(), 1));
    }
}
