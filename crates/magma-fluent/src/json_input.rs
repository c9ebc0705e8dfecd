//! The TCP input for JSON objects, where the `eventd` of existing gateways brings its events.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::connections;
use crate::intake::{Entry, Intake, RECORD_BYTES_MAX, Time};
use crate::json_frames::{JsonFrames, NotObjects};

const READ_BYTES: usize = 8 * 1024;
/// A connection on which nothing comes for so long is closed; clients make a new one.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(3600);

/// Takes JSON objects from `listener`, each a record with this tag. Never returns.
pub async fn serve_json(listener: TcpListener, tag: &'static str, intake: Intake) {
    connections::serve(listener, |stream| receive(stream, tag, intake.clone())).await;
}

async fn receive(mut stream: TcpStream, tag: &str, intake: Intake) {
    let mut frames = JsonFrames::new(RECORD_BYTES_MAX);
    let mut buffer = vec![0; READ_BYTES];
    while let Ok(Ok(length @ 1..)) = tokio::time::timeout(IDLE_MAX, stream.read(&mut buffer)).await {
        frames.push(&buffer[..length]);
        let (entries, sound) = parse(&mut frames, &intake);
        // What the disk does not take is counted there; the sender has no way to learn of it.
        intake.take(tag, entries).await.ok();
        if !sound {
            intake.refused(1);
            return tracing::warn!("a client of the JSON input sends something else than JSON objects");
        }
    }
}

/// The complete objects, and whether the stream makes sense so far.
fn parse(frames: &mut JsonFrames, intake: &Intake) -> (Vec<Entry>, bool) {
    let mut entries = Vec::new();
    loop {
        match frames.next() {
            Ok(Some(object)) => match serde_json::from_slice::<Map<String, Value>>(&object) {
                Ok(fields) => entries.push(Entry::of_json(Time::now(), &fields)),
                Err(error) => {
                    intake.refused(1);
                    tracing::debug!(%error, "an object of the JSON input is not JSON");
                }
            },
            Ok(None) => return (entries, true),
            Err(NotObjects) => return (entries, false),
        }
    }
}
