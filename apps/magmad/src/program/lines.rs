//! Cuts a stream of bytes into lines of text.

/// The longest line that is passed on whole, in bytes; a longer one is cut into several.
pub const LINE_BYTES_MAX: usize = 16 * 1024;

/// Holds the begun line between two pieces of a stream. Lines keep their `\n`; bytes that are not UTF-8 become
/// U+FFFD.
#[derive(Debug, Default)]
pub struct LineSplitter {
    begun: Vec<u8>,
}

impl LineSplitter {
    /// No bytes seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece and gives each line that it completes to `each`.
    pub fn push(&mut self, mut piece: &[u8], mut each: impl FnMut(String)) {
        while !piece.is_empty() {
            let room = LINE_BYTES_MAX - self.begun.len();
            let line_end = piece.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = line_end.unwrap_or(piece.len()).min(room);
            let (now, later) = piece.split_at(taken);
            self.begun.extend_from_slice(now);
            if now.ends_with(b"\n") || self.begun.len() == LINE_BYTES_MAX {
                each(self.take());
            }
            piece = later;
        }
    }

    /// The line that the end of the stream left without an end of its own, with a `\n`.
    pub fn finish(&mut self) -> Option<String> {
        (!self.begun.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> String {
        let mut line = String::from_utf8_lossy(&self.begun).into_owned();
        self.begun.clear();
        if !line.ends_with('\n') {
            line.push('\n');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::new();
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.push(piece, |line| lines.push(line));
        }
        lines.extend(splitter.finish());
        lines
    }

    #[test]
    fn lines_come_out_whole_however_the_pieces_are_cut() {
        type Row<'a> = (&'a str, &'a [&'a [u8]], &'a [&'a str]);
        let rows: [Row<'_>; 7] = [
            ("no piece", &[], &[]),
            ("several lines in a piece", &[b"a\nb\n"], &["a\n", "b\n"]),
            ("a line over three pieces", &[b"a", b"b", b"c\n"], &["abc\n"]),
            ("an empty line", &[b"\n\n"], &["\n", "\n"]),
            ("the last line without an end", &[b"a\nb"], &["a\n", "b\n"]),
            ("a letter cut in two", &[b"\xc3", b"\xa9\n"], &["é\n"]),
            ("not UTF-8", &[b"a\xff\n"], &["a\u{fffd}\n"]),
        ];
        for (name, pieces, expected) in rows {
            assert_eq!(lines(pieces), expected, "{name}");
        }
    }

    #[test]
    fn a_line_without_end_is_cut_and_never_kept_whole() {
        let long = vec![b'x'; LINE_BYTES_MAX * 2 + 5];
        let lines = lines(&[&long, b"\n"]);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() <= LINE_BYTES_MAX + 1));
        assert_eq!(lines[2], "xxxxx\n");
    }
}
