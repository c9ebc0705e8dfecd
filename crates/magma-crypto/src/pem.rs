//! PEM (RFC 7468): the blocks of a text, in order; what stands between them is nobody's business.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A block is not closed by its own label, or what is in it is no base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its PEM is damaged")]
pub struct PemError;

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// The words after `BEGIN`.
    pub label: &'a str,
    /// What the base64 says.
    pub contents: Vec<u8>,
}

/// The blocks of a text, in order. What follows a damaged one may be damaged with it.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    rest: &'a [u8],
}

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

impl<'a> Blocks<'a> {
    /// The blocks of `text`.
    pub fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// What follows the next occurrence of `mark`, and what comes before it.
    fn split(&mut self, mark: &[u8]) -> Option<&'a [u8]> {
        let start = self.rest.windows(mark.len()).position(|window| window == mark)?;
        let before = &self.rest[..start];
        self.rest = &self.rest[start + mark.len()..];
        Some(before)
    }

    fn block(&mut self) -> Option<Block<'a>> {
        let label = self.split(DASHES)?;
        let body = self.split(END)?;
        if self.split(DASHES)? != label {
            return None;
        }
        let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Some(Block { label: str::from_utf8(label).ok()?, contents: STANDARD.decode(text).ok()? })
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, PemError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.split(BEGIN)?;
        Some(self.block().ok_or(PemError))
    }
}

pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut out = String::with_capacity(text.len() + text.len() / 32 + 64);
    for part in ["-----BEGIN ", label, "-----\n"] {
        out.push_str(part);
    }
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    for part in ["-----END ", label, "-----\n"] {
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 47, 48, 49, 96, 500] {
            let der = vec![0x5a; length];
            let text = encode("SOME THING", &der);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            let crlf = text.replace('\n', "\r\n");
            for text in [text.clone(), crlf, format!("before\n{text}after\n")] {
                let blocks: Vec<_> = Blocks::new(text.as_bytes()).collect::<Result<_, _>>().unwrap();
                assert_eq!(blocks, [Block { label: "SOME THING", contents: der.clone() }], "{text}");
            }
        }
    }

    #[test]
    fn blocks_come_in_order_and_one_damaged_is_told() {
        let (a, b) = (encode("A", b"1"), encode("B", b"2"));
        for (row, text, good, damaged) in [
            ("nothing", String::new(), 0, false),
            ("no block", "MIIB\n".to_owned(), 0, false),
            ("two", format!("{a}{b}"), 2, false),
            ("cut", format!("{a}{}", &b[..b.len() - 6]), 1, true),
            ("no end", "-----BEGIN A-----\nMQ==\n".to_owned(), 0, true),
            ("another end", "-----BEGIN A-----\nMQ==\n-----END B-----\n".to_owned(), 0, true),
            ("no base64", "-----BEGIN A-----\nM*==\n-----END A-----\n".to_owned(), 0, true),
            ("damage in the middle", format!("{a}-----BEGIN C-----\n?\n-----END C-----\n{b}"), 2, true),
        ] {
            let blocks: Vec<_> = Blocks::new(text.as_bytes()).collect();
            let ok = blocks.iter().filter(|block| block.is_ok()).count();
            assert_eq!((ok, blocks.len() - ok), (good, usize::from(damaged)), "{row}");
        }
    }
}
