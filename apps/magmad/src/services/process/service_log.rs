//! The output of one service, or the agent's own log: the last lines in memory, new lines to whoever listens, and a
//! service's all in a bounded file.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast::{self, error::RecvError};

use super::log_file::LogFile;
use crate::services::log_lines::Lines;

/// How much of a log is kept in memory.
const KEPT_LINES_MAX: usize = 200;
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// How many new lines a slow listener may be behind before it loses some.
const BEHIND_LINES_MAX: usize = 128;

/// A log that is written and followed at the same time.
#[derive(Debug)]
pub struct ServiceLog {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    kept: VecDeque<Arc<str>>,
    kept_bytes: usize,
    /// While somebody listens.
    new: Option<broadcast::Sender<Arc<str>>>,
    file: Option<LogFile>,
}

impl ServiceLog {
    /// An empty log that also goes into the file at `path`.
    pub(super) fn new(path: PathBuf) -> Self {
        Self::with_file(Some(LogFile::new(path)))
    }

    /// An empty log that is in memory only.
    pub(super) fn in_memory() -> Self {
        Self::with_file(None)
    }

    fn with_file(file: Option<LogFile>) -> Self {
        Self { inner: Mutex::new(Inner { kept: VecDeque::new(), kept_bytes: 0, new: None, file }) }
    }

    /// Adds a line, which ends in `\n`.
    pub(crate) fn write(&self, line: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut inner.file {
            file.write(line.as_bytes());
        }
        let line: Arc<str> = line.into();
        inner.keep(Arc::clone(&line));
        inner.new.take_if(|new| new.send(line).is_err());
    }

    /// The kept lines and then each new one, with `prefix` before each, until nobody listens any more.
    pub(super) async fn follow(&self, prefix: &str, lines: &Lines) {
        let (kept, mut new) = self.begin();
        for line in kept {
            if lines.send(Ok(format!("{prefix}{line}"))).await.is_err() {
                return;
            }
        }
        loop {
            let received = tokio::select! {
                received = new.recv() => received,
                () = lines.closed() => return,
            };
            let line = match received {
                Ok(line) => format!("{prefix}{line}"),
                Err(RecvError::Lagged(lost)) => {
                    format!("[magmad: {lost} lines lost: they were read too slowly]\n")
                }
                Err(RecvError::Closed) => return,
            };
            if lines.send(Ok(line)).await.is_err() {
                return;
            }
        }
    }

    /// Both under one lock, so that no line is missed or seen twice.
    fn begin(&self) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let new = inner.new.get_or_insert_with(|| broadcast::channel(BEHIND_LINES_MAX).0).subscribe();
        (inner.kept.iter().cloned().collect(), new)
    }
}

impl Inner {
    fn keep(&mut self, line: Arc<str>) {
        self.kept_bytes += line.len();
        self.kept.push_back(line);
        while self.kept.len() > KEPT_LINES_MAX || self.kept_bytes > KEPT_BYTES_MAX {
            match self.kept.pop_front() {
                Some(old) => self.kept_bytes -= old.len(),
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::LogLines;

    fn log() -> (tempfile::TempDir, Arc<ServiceLog>) {
        let folder = tempfile::tempdir().expect("a folder");
        let log = Arc::new(ServiceLog::new(folder.path().join("mme.log")));
        (folder, log)
    }

    fn follow(log: &Arc<ServiceLog>, prefix: &'static str) -> LogLines {
        let log = Arc::clone(log);
        LogLines::spawn(async move |lines| {
            log.follow(prefix, &lines).await;
            Ok(())
        })
    }

    async fn next(lines: &mut LogLines) -> String {
        lines.next().await.expect("a line").expect("no error")
    }

    #[tokio::test]
    async fn old_lines_come_first_and_new_ones_follow_once() {
        let (_folder, log) = log();
        log.write("old\n");
        let mut lines = follow(&log, "mme: ");
        assert_eq!(next(&mut lines).await, "mme: old\n");
        log.write("new\n");
        assert_eq!(next(&mut lines).await, "mme: new\n");
    }

    #[test]
    fn what_is_kept_is_bounded_by_lines_and_bytes() {
        let (_folder, log) = log();
        for number in 0..KEPT_LINES_MAX + 5 {
            log.write(&format!("{number}\n"));
        }
        let (kept, _) = log.begin();
        assert_eq!((kept.len(), &*kept[0]), (KEPT_LINES_MAX, "5\n"));
        for _ in 0..10 {
            log.write(&"x".repeat(16 * 1024));
        }
        let (kept, _) = log.begin();
        assert!(kept.iter().map(|line| line.len()).sum::<usize>() <= KEPT_BYTES_MAX);
    }

    #[tokio::test]
    async fn a_slow_reader_loses_lines_and_is_told() {
        let (_folder, log) = log();
        let mut lines = follow(&log, "");
        log.write("first\n");
        assert_eq!(next(&mut lines).await, "first\n");
        for number in 0..1000 {
            log.write(&format!("{number}\n"));
        }
        let mut told = false;
        loop {
            let line = next(&mut lines).await;
            told |= line.starts_with("[magmad: ") && line.contains("lines lost");
            if line == "999\n" {
                break;
            }
        }
        assert!(told);
    }
}
