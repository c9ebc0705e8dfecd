//! Takes the two streams of a container's log apart.
//!
//! Without a terminal, Docker sends both in frames: one byte that names the stream (1 output, 2 error), three zero
//! bytes, four bytes of length (big-endian), then that many bytes. With a terminal there is one stream and no frame.

use super::LineSplitter;

const HEADER_BYTES: usize = 8;

/// The lines of a container's log, from the pieces in which they arrive.
#[derive(Debug)]
pub(super) struct Demultiplexer {
    framed: bool,
    header: Vec<u8>,
    /// Which stream the current frame belongs to, and how much of it is still to come.
    stream: usize,
    left: usize,
    output: [LineSplitter; 2],
}

impl Demultiplexer {
    /// For a container with or without a terminal.
    pub(super) fn new(tty: bool) -> Self {
        let output = [LineSplitter::new(), LineSplitter::new()];
        Self { framed: !tty, header: Vec::with_capacity(HEADER_BYTES), stream: 0, left: 0, output }
    }

    /// Takes the next piece and gives each line that it completes to `each`.
    pub(super) fn push(&mut self, mut piece: &[u8], mut each: impl FnMut(String)) {
        if !self.framed {
            return self.output[0].push(piece, each);
        }
        while !piece.is_empty() {
            let wanted = if self.left > 0 { self.left } else { HEADER_BYTES - self.header.len() };
            let (now, later) = piece.split_at(wanted.min(piece.len()));
            if self.left > 0 {
                self.left -= now.len();
                self.output[self.stream].push(now, &mut each);
            } else {
                self.header.extend_from_slice(now);
                self.begin_frame();
            }
            piece = later;
        }
    }

    /// The lines that the end of the log left without an end of their own.
    pub(super) fn finish(&mut self, each: impl FnMut(String)) {
        self.output.iter_mut().filter_map(LineSplitter::finish).for_each(each);
    }

    fn begin_frame(&mut self) {
        if let Ok([stream, _, _, _, length @ ..]) = <[u8; HEADER_BYTES]>::try_from(self.header.as_slice()) {
            self.stream = usize::from(stream == 2);
            self.left = u32::from_be_bytes(length) as usize;
            self.header.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).expect("short").to_be_bytes();
        [&[stream, 0, 0, 0], length.as_slice(), text.as_bytes()].concat()
    }

    fn lines(tty: bool, bytes: &[u8], piece: usize) -> Vec<String> {
        let mut streams = Demultiplexer::new(tty);
        let mut lines = Vec::new();
        for piece in bytes.chunks(piece) {
            streams.push(piece, |line| lines.push(line));
        }
        streams.finish(|line| lines.push(line));
        lines
    }

    #[test]
    fn streams_are_kept_apart_wherever_the_pieces_are_cut() {
        let log =
            [frame(1, "out 1\nou"), frame(2, "err 1\n"), frame(1, ""), frame(1, "t 2\n"), frame(2, "err 2")]
                .concat();
        for piece in [1, 3, 8, 1000] {
            assert_eq!(lines(false, &log, piece), ["out 1\n", "err 1\n", "out 2\n", "err 2\n"], "{piece}");
        }
    }

    #[test]
    fn a_terminals_log_has_no_frames() {
        assert_eq!(lines(true, b"a\r\nb\n", 2), ["a\r\n", "b\n"]);
    }

    #[test]
    fn a_huge_announced_frame_takes_no_memory() {
        assert_eq!(lines(false, &[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, b'a', b'\n'], 100), ["a\n"]);
    }
}
