//! Damaged inputs for the tests of decoders: every file of a corpus in `fuzz/`, and mutations of those files.
//!
//! The mutations are the same in each run, so that a failure comes again. Whoever looks for new ones uses the fuzz
//! targets (fuzz/README.md); what they find becomes a file of the corpus, and with that a case here.

mod mutation;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use mutation::Mutations;

/// How many mutations a decoder is given.
pub const ROUNDS: usize = 10_000;

/// The environment variable that makes it so many times more, for a longer look: `MUTATIONS_TIMES=100 cargo test fuzzing`.
pub const TIMES: &str = "MUTATIONS_TIMES";

/// Gives `check` every input of the corpus `target`, then [`ROUNDS`] mutations of them. When `check` panics, the input
/// is told with it.
///
/// # Panics
/// When `check` does, and when there is no corpus.
pub fn replay(target: &str, check: impl FnMut(&[u8])) {
    replay_rounds(target, ROUNDS, check);
}

/// The same with another number of mutations, for a `check` that works on files.
///
/// # Panics
/// As [`replay`].
pub fn replay_rounds(target: &str, rounds: usize, mut check: impl FnMut(&[u8])) {
    let corpus = corpus(target);
    let mut told = |name: &str, input: &[u8]| {
        let on_panic = Tell { target, name, input };
        check(input);
        drop(on_panic);
    };
    for (name, input) in &corpus {
        told(name, input);
    }
    let inputs: Vec<Vec<u8>> = corpus.into_iter().map(|(_, input)| input).collect();
    let mut mutations = Mutations::of(&inputs);
    let times = env::var(TIMES).ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    for round in 0..rounds.saturating_mul(times) {
        told(&format!("mutation {round}"), &mutations.next());
    }
}

/// The files of a corpus by name, in the order of their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files = read(&folder).unwrap_or_default();
    assert!(!files.is_empty(), "there is no corpus in {}", folder.display());
    files.sort();
    files
}

fn read(folder: &Path) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry?;
        Ok((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?))
    };
    fs::read_dir(folder)?.map(file).collect()
}

/// Names the input when it is dropped by a panic.
struct Tell<'a> {
    target: &'a str,
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Tell<'_> {
    #[expect(clippy::print_stderr, reason = "the account of a failed test")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}, {}: b\"{}\"", self.target, self.name, self.input.escape_ascii());
        }
    }
}
