//! Inputs that differ from good ones as damage, chance and malice make them differ.

/// Mutations grow at most to this length; repetitions of repetitions would grow for ever.
const BYTES_MAX: usize = 16 * 1024;

/// Up to so many changes in one input.
const CHANGES_MAX: usize = 6;

/// What formats give a meaning to: numbers at their ends, as text and as octets of either order, and signs.
const WORDS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"255",
    b"65536",
    b"2147483648",
    b"-9223372036854775809",
    b"18446744073709551616",
    b"1e999",
    b"-0.0",
    b"NaN",
    b"+Inf",
    b"null",
    b"true",
    b"\"\"",
    b"{}",
    b"[]",
    b"\\u0000",
    b"\\ud800",
    b"\r\n",
    b"\n\n",
    b"\t",
    b": ",
    b"- ",
    b"&a *a",
    b"<<: *a",
    b"!!binary ",
    b"| \n",
    b"# ",
    b"---\n",
    b"%",
    b"../",
    b"\0",
    b"\0\0\0\0",
    b"\x01\0\0\0",
    b"\xff",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\0\0\0",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
];

/// An endless row of mutations, the same for the same inputs.
pub(crate) struct Mutations<'a> {
    inputs: &'a [Vec<u8>],
    state: u64,
}

impl<'a> Mutations<'a> {
    /// Mutations of `inputs`, of which there is one at least.
    pub(crate) fn of(inputs: &'a [Vec<u8>]) -> Self {
        Self { inputs, state: 0x9E37_79B9_7F4A_7C15 }
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        let mut bytes = self.input().to_vec();
        for _ in 0..=self.below(CHANGES_MAX) {
            self.change(&mut bytes);
            bytes.truncate(BYTES_MAX);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let (from, to) = self.range(bytes.len());
        match self.below(8) {
            // A bit that flipped, and an octet that is another.
            0 => {
                let bit = 1 << self.below(8);
                bytes[from..to].iter_mut().take(1).for_each(|byte| *byte ^= bit);
            }
            1 => {
                let other = self.below(256) as u8;
                bytes[from..to].iter_mut().take(1).for_each(|byte| *byte = other);
            }
            // Cut off, cut out, and repeated.
            2 => bytes.truncate(from),
            3 => drop(bytes.drain(from..to)),
            4 => {
                let times = 1 + self.below(16);
                let repeated = bytes[from..to].repeat(times);
                bytes.splice(to..to, repeated);
            }
            // A part of another input, put in or in the place of what is there.
            5 => {
                let other = self.input();
                let (first, last) = self.range(other.len());
                let end = if self.below(2) == 0 { from } else { to };
                bytes.splice(from..end, other[first..last].iter().copied());
            }
            // A word with a meaning, put in or in the place of what is there.
            6 => drop(bytes.splice(from..from, self.word().iter().copied())),
            _ => {
                let word = self.word();
                let end = bytes.len().min(from + word.len());
                bytes.splice(from..end, word.iter().copied());
            }
        }
    }

    fn input(&mut self) -> &'a [u8] {
        let index = self.below(self.inputs.len());
        &self.inputs[index]
    }

    fn word(&mut self) -> &'static [u8] {
        WORDS[self.below(WORDS.len())]
    }

    /// Mostly a short part of something of this length, sometimes all that follows; it may be empty.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let from = self.below(length + 1);
        let longest = if self.below(8) == 0 { length } else { 24 };
        (from, (from + self.below(longest + 1)).min(length))
    }

    /// A number under `bound`, by Marsaglia's xorshift.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % bound.max(1) as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn they_are_many_bounded_and_the_same_again() {
        let inputs = [b"{\"services\": [\"mme\"]}".to_vec(), Vec::new(), vec![0xff; 600]];
        let row = |count| {
            let mut mutations = Mutations::of(&inputs);
            (0..count).map(|_| mutations.next()).collect::<Vec<_>>()
        };
        let mutations = row(3000);
        assert_eq!(mutations, row(3000));
        assert!(mutations.iter().all(|bytes| bytes.len() <= BYTES_MAX));
        let different: BTreeSet<&Vec<u8>> = mutations.iter().collect();
        assert!(different.len() > 2000, "{} of 3000", different.len());
        assert!(
            different.iter().any(|bytes| bytes.len() > 600) && different.iter().any(|bytes| bytes.is_empty())
        );
    }
}
