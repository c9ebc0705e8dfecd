//! Following real files, with a paused clock.

use std::fs;
use std::io::Write;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::buffer::Buffer;
use crate::intake::Labels;
use crate::throttle::ThrottleLimits;

struct Gateway {
    folder: TempDir,
    buffer: Arc<Buffer>,
}

impl Gateway {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let buffer = Arc::new(Buffer::open(&folder.path().join("buffer"), 1 << 20).unwrap());
        Self { folder, buffer }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("mme.log")
    }

    fn write(&self, text: &str) {
        fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.log())
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn follower(&self) -> Follower {
        let intake = Intake::new(
            self.buffer.clone(),
            Labels::default(),
            ThrottleLimits::default(),
            Arc::new(|_, _| {}),
        );
        let files = BTreeMap::from([(self.log(), "mme".to_owned())]);
        let files = watch::Sender::new(files).subscribe();
        Follower { intake, files, places: self.folder.path().join("places.json") }
    }

    /// The lines that were stored and not taken here before.
    async fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(batch) = self.buffer.oldest(1 << 20).await.unwrap() {
            for stored in &batch.records {
                assert_eq!(stored.tag, "mme");
                let mut reader = crate::msgpack::Reader::new(&stored.entry);
                assert_eq!(reader.array(), Ok(2));
                reader.value().unwrap();
                assert_eq!((reader.map(), reader.text()), (Ok(1), Ok("log")));
                lines.push(reader.text().unwrap().to_owned());
            }
            batch.done().await;
        }
        lines
    }

    /// Runs a follower while `script` is carried out, a look after each of its steps.
    async fn follow(&self, steps: &[&dyn Fn()]) {
        let mut follower = self.follower();
        let script = async {
            for step in steps {
                look().await;
                step();
            }
            look().await;
            tokio::time::sleep(SAVE_EVERY).await;
            look().await;
        };
        tokio::select! {
            () = follower.run() => {}
            () = script => {}
        }
    }
}

/// Long enough for the follower to look again. Its work on disk takes real time, in which a paused clock stands still
/// only as long as that work is under way.
async fn look() {
    for _ in 0..3 {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(start_paused = true)]
async fn lines_are_taken_once_across_partial_writes_rotation_truncation_and_restarts() {
    let gateway = Gateway::new();
    gateway.write("before anybody looked\n");
    let rotated = gateway.folder.path().join("mme.log.1");
    gateway
        .follow(&[
            &|| gateway.write("one\ntw"),
            &|| gateway.write("o\n"),
            &|| {
                gateway.write("last words of the old file\n");
                fs::rename(gateway.log(), &rotated).unwrap();
                gateway.write("first of the new\n");
            },
            &|| {
                fs::write(gateway.log(), "").unwrap();
            },
            &|| gateway.write("after it was emptied\nhalf"),
        ])
        .await;
    assert_eq!(
        gateway.lines().await,
        ["one", "two", "last words of the old file", "first of the new", "after it was emptied"]
    );
    gateway.write(" a line\nwhile nobody looked\n");
    gateway.follow(&[&|| gateway.write("and now\n")]).await;
    assert_eq!(gateway.lines().await, ["half a line", "while nobody looked", "and now"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_appears_later_is_read_from_its_beginning_and_a_folder_is_none() {
    let gateway = Gateway::new();
    gateway.follow(&[&|| gateway.write("born\n")]).await;
    assert_eq!(gateway.lines().await, ["born"]);
    let gateway = Gateway::new();
    fs::create_dir(gateway.log()).unwrap();
    gateway.follow(&[&|| {}]).await;
    assert!(gateway.lines().await.is_empty());
}

/// Opening one would wait, and with it the whole agent, until somebody writes to it.
#[test]
fn a_pipe_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&pipe, folder.path()] {
        let refused = Open::at(path, None, true).err().expect("refused");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{}", path.display());
    }
}
