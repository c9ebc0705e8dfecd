//! What is logged on this thread, kept for a test to read: each test's agent runs on the test's own thread.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use tracing::Dispatch;
use tracing::subscriber::{DefaultGuard, NoSubscriber};

/// The log since it was begun; it ends with this value.
pub struct KeptLog {
    kept: Kept,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl KeptLog {
    /// Keeps all from level INFO on.
    pub fn begin() -> Self {
        // With one subscriber alone, tracing asks the thread that comes first to a line whether it is wanted, and that
        // may be another test's. With two it asks both.
        static OTHER: OnceLock<Dispatch> = OnceLock::new();
        OTHER.get_or_init(|| Dispatch::new(NoSubscriber::default()));
        let kept = Kept::default();
        let writer = kept.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        Self { kept, _guard: tracing::subscriber::set_default(log) }
    }

    /// The lines with these words.
    pub fn lines_with(&self, words: &str) -> Vec<String> {
        let text = String::from_utf8(self.kept.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }
}
