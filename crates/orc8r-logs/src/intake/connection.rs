//! One forwarder's connection: messages come, records are kept, chunks are acknowledged.

use std::sync::Arc;
use std::time::Duration;

use magma_fluent::msgpack::{Extent, Malformed};
use magma_rpc::server::PeerCertificate;
use magma_rpc::tls_stream::ByteStream;
use orc8r_store::{NewRecord, Source};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

use super::document::Document;
use super::message::{Entries, Message, acknowledgement};
use super::places::{FREE_BYTES, Room};
use super::{Admission, Intake, Refused};

/// The largest message; Fluent Bit makes chunks of about 2 MB, fluentd ones of 8 MB.
const MESSAGE_BYTES_MAX: usize = 9 << 20;
/// What is read at a time: little while little waits, since most connections are idle most of the time.
const READ_BYTES: usize = 2 * 1024;
const READ_BYTES_MAX: usize = 64 * 1024;
/// How many records are kept at a time, and about how many octets.
const BATCH_RECORDS_MAX: usize = 1024;
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// The pause before a connection is closed on which something could not be kept.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

/// Messages that are being unpacked: each takes some ten megabytes.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// A forwarder that is served.
pub(super) struct Connection<A> {
    stream: Box<dyn ByteStream>,
    source: Source,
    certificate: Option<PeerCertificate>,
    admission: Arc<A>,
    checked: Instant,
    intake: Intake,
    stopped: watch::Receiver<bool>,
    waiting: Waiting,
}

/// A message that is not complete.
#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    extent: Extent,
    room: Room,
    /// When it has to be complete.
    until: Option<Instant>,
}

/// Why a connection is over.
enum Over {
    /// The peer closed it, was silent for long, or the program stops.
    InGoodOrder,
    /// The peer's fault, in words for the log.
    Fault(&'static str),
    /// The peer may not be here any more.
    Denied(Refused),
    /// Its records cannot be kept now; it will come again.
    NotKept,
}

impl<A: Admission> Connection<A> {
    pub(super) fn new(
        stream: Box<dyn ByteStream>,
        source: Source,
        certificate: Option<PeerCertificate>,
        admission: Arc<A>,
        intake: Intake,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let (checked, waiting) = (Instant::now(), Waiting::default());
        Self { stream, source, certificate, admission, checked, intake, stopped, waiting }
    }

    /// Serves it to its end.
    pub(super) async fn run(mut self) {
        let over = loop {
            if let Err(over) = self.step().await {
                break over;
            }
        };
        match over {
            Over::InGoodOrder => {}
            Over::Fault(reason) => self.intake.counters.ended(&self.source.hardware_id, reason),
            Over::Denied(refused) => self.intake.counters.denied(&refused),
            Over::NotKept => tokio::time::sleep(FAILURE_PAUSE).await,
        }
        timeout(FAILURE_PAUSE, self.stream.shutdown()).await.ok();
    }

    /// Reads a piece, and deals with the messages that it completes.
    async fn step(&mut self) -> Result<(), Over> {
        self.read().await?;
        loop {
            let waiting = &mut self.waiting;
            match waiting.extent.end(&waiting.bytes) {
                Ok(end) => {
                    let bytes = std::mem::take(&mut waiting.bytes);
                    self.deal_with(&bytes[..end]).await?;
                    self.waiting.go_on(bytes, end, self.intake.limits.message);
                }
                Err(Malformed::Incomplete) if waiting.bytes.len() <= MESSAGE_BYTES_MAX => return Ok(()),
                Err(Malformed::Incomplete) => return Err(Over::Fault("its message is too large")),
                Err(Malformed::Unexpected) => {
                    return Err(Over::Fault("it does not speak the forward protocol"));
                }
            }
        }
    }

    async fn read(&mut self) -> Result<(), Over> {
        let (waiting, limits) = (&mut self.waiting, &self.intake.limits);
        let piece = waiting.bytes.len().clamp(READ_BYTES, READ_BYTES_MAX);
        if waiting.bytes.len() + piece > FREE_BYTES
            && !self.intake.places.room_for(waiting.bytes.len() + piece, &mut waiting.room).await
        {
            return Err(Over::Fault("all connections together have too much that is not complete"));
        }
        waiting.bytes.reserve(piece);
        let until = waiting.until.unwrap_or_else(|| Instant::now() + limits.idle);
        let mut limited = (&mut self.stream).take(piece as u64);
        let read = timeout_at(until, limited.read_buf(&mut waiting.bytes));
        let between_messages = waiting.until.is_none();
        tokio::select! {
            read = read => match read {
                Ok(Ok(1..)) => {}
                Ok(_) => return Err(Over::InGoodOrder),
                Err(_) if between_messages => return Err(Over::InGoodOrder),
                Err(_) => return Err(Over::Fault("its message takes too long")),
            },
            _ = self.stopped.wait_for(|stop| *stop) => return Err(Over::InGoodOrder),
        }
        waiting.until.get_or_insert_with(|| Instant::now() + limits.message);
        Ok(())
    }

    async fn deal_with(&mut self, octets: &[u8]) -> Result<(), Over> {
        let message = Message::of(octets).map_err(|_| Over::Fault("it sends what is no message"))?;
        let Some(message) = message else { return Ok(()) };
        self.check_identity().await?;
        let lost = self.keep(&message, octets).await.err();
        match (message.chunk, lost) {
            (Some(_), Some(_)) => {
                self.intake.counters.sent_back();
                Err(Over::NotKept)
            }
            (None, Some(count)) => {
                self.intake.counters.lost(count);
                Ok(())
            }
            (None, None) => Ok(()),
            (Some(chunk), None) => self.acknowledge(chunk).await,
        }
    }

    /// Keeps all records that can be understood. The error is how many were not kept.
    async fn keep(&mut self, message: &Message<'_>, octets: &[u8]) -> Result<(), usize> {
        let entries = if message.is_compressed() {
            let Ok(_turn) = UNPACKING.acquire().await else { return Err(1) };
            unpacked(octets).await
        } else {
            message.entries()
        };
        let Some(mut entries) = entries else {
            self.intake.counters.refused(1);
            return Ok(());
        };
        while !entries.is_empty() {
            let (events, logs, refused) = self.batch(&mut entries, &message.tag);
            let (of_events, of_logs) = (size(&events), size(&logs));
            let archives = &self.intake.archives;
            let kept = tokio::join!(
                archives.events.append(self.source.clone(), events),
                archives.logs.append(self.source.clone(), logs),
            );
            if kept.0.is_err() || kept.1.is_err() {
                return Err(of_events.0 + of_logs.0);
            }
            self.intake.counters.kept(of_events, of_logs);
            if refused > 0 {
                self.intake.counters.refused(refused);
            }
        }
        Ok(())
    }

    /// The next events and logs, and how many entries between them were no good.
    fn batch(&self, entries: &mut Entries<'_>, tag: &str) -> (Vec<NewRecord>, Vec<NewRecord>, u64) {
        let (mut events, mut logs, mut refused, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
        while events.len() + logs.len() < BATCH_RECORDS_MAX
            && bytes < BATCH_BYTES_MAX
            && let Some(entry) = entries.next()
        {
            match entry.and_then(|entry| Document::of(&entry, tag, &self.source)) {
                Ok(Document { is_event, record }) => {
                    bytes += record.document.len();
                    if is_event { events.push(record) } else { logs.push(record) }
                }
                Err(_) => refused += 1,
            }
        }
        (events, logs, refused)
    }

    /// A connection lives for days, and a certificate may be revoked, or a gateway moved, in that time.
    async fn check_identity(&mut self) -> Result<(), Over> {
        if self.checked.elapsed() < self.intake.limits.identity {
            return Ok(());
        }
        match self.admission.gateway(self.certificate.as_ref()).await {
            Ok(source) => self.source = source,
            Err(refused @ Refused::Denied(_)) => return Err(Over::Denied(refused)),
            // The store is busy: no reason to send the gateway away.
            Err(Refused::NotNow(_)) => return Ok(()),
        }
        self.checked = Instant::now();
        Ok(())
    }

    async fn acknowledge(&mut self, chunk: &[u8]) -> Result<(), Over> {
        let answer = acknowledgement(chunk);
        let written = async {
            self.stream.write_all(&answer).await?;
            self.stream.flush().await
        };
        match timeout(self.intake.limits.answer, written).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::InGoodOrder),
            Err(_) => Err(Over::Fault("it does not read acknowledgements")),
        }
    }
}

/// How many there are, and their octets.
fn size(records: &[NewRecord]) -> (usize, usize) {
    (records.len(), records.iter().map(|record| record.document.len()).sum())
}

/// Away from the threads on which connections are served: it takes a moment.
async fn unpacked(octets: &[u8]) -> Option<Entries<'static>> {
    let octets = octets.to_vec();
    let unpacked = spawn_blocking(move || Some(Message::of(&octets).ok()??.entries()?.into_owned()));
    unpacked.await.ok().flatten()
}

impl Waiting {
    /// Forgets the message that ended at `end`; what is behind it is the next one's.
    fn go_on(&mut self, mut bytes: Vec<u8>, end: usize, limit: Duration) {
        bytes.drain(..end);
        if bytes.len() <= FREE_BYTES {
            bytes.shrink_to(READ_BYTES);
            self.room = Room::default();
        }
        self.extent = Extent::new();
        self.until = (!bytes.is_empty()).then(|| Instant::now() + limit);
        self.bytes = bytes;
    }
}

#[cfg(test)]
mod tests;
