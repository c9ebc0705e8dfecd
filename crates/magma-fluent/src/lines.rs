//! Cuts a stream of octets into lines, each of a bounded length.

/// The longest line that is kept; the rest of a longer one is left out.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024;

/// A stream that is being cut.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    partial: Vec<u8>,
    /// Octets of the present line beyond the bound.
    left_out: usize,
}

impl Lines {
    /// The lines that `bytes` complete, without their ends, and without those that are blank.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|octet| *octet == b'\n') {
            let (text, ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let room = LINE_BYTES_MAX - self.partial.len();
            self.partial.extend(&text[..text.len().min(room)]);
            self.left_out += text.len().saturating_sub(room);
            if ended {
                let line = String::from_utf8_lossy(&self.partial);
                let line = line.trim_end_matches('\r');
                if !line.trim().is_empty() {
                    lines.push(line.to_owned());
                }
                *self = Self::default();
            }
        }
        lines
    }

    /// How many octets have been pushed since the last complete line.
    pub(crate) fn pending(&self) -> usize {
        self.partial.len() + self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_whole_wherever_they_are_cut_and_bounded() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"one\ntw"), ["one"]);
        assert_eq!((lines.push(b"o\r\n\n  \nthr").as_slice(), lines.pending()), (&["two".to_owned()][..], 3));
        assert_eq!(lines.push(b"ee\xff\n"), ["three\u{fffd}"]);
        assert!(lines.push(&vec![b'x'; LINE_BYTES_MAX + 10]).is_empty());
        assert_eq!(lines.pending(), LINE_BYTES_MAX + 10);
        let long = lines.push(b"more\nnext\n");
        assert_eq!((long[0].len(), long[1].as_str(), lines.pending()), (LINE_BYTES_MAX, "next", 0));
    }
}
