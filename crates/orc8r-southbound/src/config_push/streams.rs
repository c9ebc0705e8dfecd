//! The open streams, by device: who is told what, and when whose right is looked at again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use magma_rpc::Status;
use orc8r_model::HardwareId;
use orc8r_store::{Changes, StreamHolder};

use crate::mailbox::Mailbox;
use crate::mconfig_cache::CurrentMconfig;

/// Tells a stream from an earlier and a later one of the same gateway.
pub(super) type StreamId = u64;

#[derive(Default)]
pub(super) struct Streams {
    streams: BTreeMap<HardwareId, OpenStream>,
    last_id: StreamId,
    /// Whose configuration has to be looked at, in this order.
    pending: VecDeque<HardwareId>,
    is_pending: BTreeSet<HardwareId>,
    checked_to: Option<HardwareId>,
    is_closed: bool,
}

struct OpenStream {
    id: StreamId,
    holder: StreamHolder,
    /// The digest of what the gateway was sent last; `None` until it was sent its first configuration.
    sent: Option<String>,
    /// Whether there was something to deliver before that.
    has_missed: bool,
    mailbox: Arc<Mailbox<Bytes>>,
}

impl Streams {
    /// Opens a stream; an earlier one of the same gateway ends. `None`: this program stops.
    pub(super) fn open(&mut self, holder: StreamHolder, mailbox: Arc<Mailbox<Bytes>>) -> Option<StreamId> {
        if self.is_closed {
            return None;
        }
        self.last_id += 1;
        let id = self.last_id;
        let hardware_id = holder.hardware_id.clone();
        let stream = OpenStream { id, holder, sent: None, has_missed: false, mailbox };
        if let Some(earlier) = self.streams.insert(hardware_id, stream) {
            earlier.mailbox.end(Ok(()));
        }
        Some(id)
    }

    pub(super) fn close(&mut self, hardware_id: &HardwareId, id: StreamId) {
        if self.streams.get(hardware_id).is_some_and(|stream| stream.id == id) {
            self.streams.remove(hardware_id);
        }
    }

    /// Ends a stream from this side.
    pub(super) fn end(&mut self, hardware_id: &HardwareId, reason: Status) {
        if let Some(stream) = self.streams.remove(hardware_id) {
            stream.mailbox.end(Err(reason));
        }
    }

    /// Ends every stream, and lets no new one in.
    pub(super) fn close_all(&mut self) {
        self.is_closed = true;
        for stream in std::mem::take(&mut self.streams).into_values() {
            stream.mailbox.end(Ok(()));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Notes what the gateway has, because it was sent beside the mailbox. What was to be delivered meanwhile, older or
    /// newer than that, is looked at again.
    pub(super) fn sent(&mut self, hardware_id: &HardwareId, id: StreamId, digest: &str) {
        let stream = self.streams.get_mut(hardware_id).filter(|stream| stream.id == id);
        let Some(stream) = stream else { return };
        stream.sent = Some(digest.to_owned());
        if std::mem::take(&mut stream.has_missed) {
            self.note_one(hardware_id);
        }
    }

    /// Sends a configuration, unless it is what the gateway has.
    pub(super) fn deliver(&mut self, hardware_id: &HardwareId, current: &CurrentMconfig) {
        let Some(stream) = self.streams.get_mut(hardware_id) else { return };
        match &stream.sent {
            None => stream.has_missed = true,
            Some(sent) if **sent == *current.digest => {}
            Some(_) => {
                stream.sent = Some(current.digest.to_string());
                stream.mailbox.put(current.stream_value.clone());
            }
        }
    }

    /// Notes whose configuration may have changed. Those who are named come before those of whole networks.
    pub(super) fn note(&mut self, changes: &Changes) {
        let here =
            |id: &String| HardwareId::parse(id.as_str()).ok().filter(|id| self.streams.contains_key(id));
        let named: Vec<_> = changes.hardware_ids.iter().filter_map(here).collect();
        for hardware_id in named {
            if self.is_pending.insert(hardware_id.clone()) {
                self.pending.push_front(hardware_id);
            }
        }
        if !changes.networks.is_empty() {
            self.note_all(|holder| changes.networks.contains(&holder.network));
        }
    }

    pub(super) fn note_all(&mut self, concerned: impl Fn(&StreamHolder) -> bool) {
        let Self { streams, pending, is_pending, .. } = self;
        for (hardware_id, stream) in streams {
            if concerned(&stream.holder) && is_pending.insert(hardware_id.clone()) {
                pending.push_back(hardware_id.clone());
            }
        }
    }

    pub(super) fn note_one(&mut self, hardware_id: &HardwareId) {
        if self.streams.contains_key(hardware_id) && self.is_pending.insert(hardware_id.clone()) {
            self.pending.push_back(hardware_id.clone());
        }
    }

    /// Whose configuration to look at next.
    pub(super) fn next_pending(&mut self) -> Option<StreamHolder> {
        while let Some(hardware_id) = self.pending.pop_front() {
            self.is_pending.remove(&hardware_id);
            if let Some(stream) = self.streams.get(&hardware_id) {
                return Some(stream.holder.clone());
            }
        }
        None
    }

    /// The next of those whose right to their stream is looked at, one part of `parts` of them all.
    pub(super) fn next_to_check(&mut self, parts: usize) -> Vec<StreamHolder> {
        let count = self.streams.len() / parts.max(1) + 1;
        let from = self.checked_to.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let next = self.streams.range((from, Bound::Unbounded)).take(count);
        let next: Vec<_> = next.map(|(_, stream)| stream.holder.clone()).collect();
        // Less than asked for: the end was reached, and it begins anew.
        let last = next.last().filter(|_| next.len() == count);
        self.checked_to = last.map(|holder| holder.hardware_id.clone());
        next
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use orc8r_model::{GatewayId, NetworkId};

    use super::*;

    fn holder(hardware_id: &str, network: &str) -> StreamHolder {
        StreamHolder {
            serial: "A1".into(),
            hardware_id: HardwareId::parse(hardware_id).unwrap(),
            network: NetworkId::parse(network).unwrap(),
            gateway: GatewayId::parse("g1").unwrap(),
        }
    }

    fn current(digest: &str) -> CurrentMconfig {
        CurrentMconfig { created_at: 0, stream_value: Bytes::new(), digest: digest.into() }
    }

    fn streams() -> Streams {
        let mut streams = Streams::default();
        for (hardware_id, network) in [("h1", "n1"), ("h2", "n1"), ("h3", "n2")] {
            streams.open(holder(hardware_id, network), Mailbox::new()).unwrap();
        }
        streams
    }

    fn pending(streams: &mut Streams) -> Vec<String> {
        std::iter::from_fn(|| streams.next_pending()).map(|holder| holder.hardware_id.to_string()).collect()
    }

    #[test]
    fn who_is_concerned_is_looked_at_once_and_the_named_first() {
        let mut streams = streams();
        let changes = Changes {
            networks: [NetworkId::parse("n1").unwrap()].into(),
            hardware_ids: ["h2".to_owned(), "h3".to_owned(), "h9".to_owned()].into(),
            ..Changes::default()
        };
        streams.note(&changes);
        streams.note(&changes);
        assert_eq!(pending(&mut streams), ["h3", "h2", "h1"], "nobody twice, and nobody who is not here");
        assert_eq!(pending(&mut streams).len(), 0);
    }

    #[test]
    fn what_is_built_before_the_first_configuration_was_sent_is_looked_at_again_and_not_sent_twice() {
        let mut streams = Streams::default();
        let (hardware_id, mailbox) = (HardwareId::parse("h1").unwrap(), Mailbox::new());
        let id = streams.open(holder("h1", "n1"), mailbox.clone()).unwrap();
        let is_empty = || {
            let mut context = Context::from_waker(Waker::noop());
            mailbox.poll(&mut context).is_pending()
        };
        streams.deliver(&hardware_id, &current("a"));
        assert_eq!(pending(&mut streams).len(), 0, "not before it was sent");
        streams.sent(&hardware_id, id, "a");
        assert!(is_empty());
        assert_eq!(pending(&mut streams), ["h1"]);
        streams.deliver(&hardware_id, &current("a"));
        assert!(is_empty(), "it has that");
        streams.deliver(&hardware_id, &current("b"));
        assert!(!is_empty());
        streams.sent(&hardware_id, id, "b");
        assert_eq!(pending(&mut streams).len(), 0);
    }

    #[test]
    fn rights_are_looked_at_in_turns() {
        let mut streams = streams();
        let mut turns = Vec::new();
        for _ in 0..4 {
            turns.push(
                streams
                    .next_to_check(3)
                    .into_iter()
                    .map(|holder| holder.hardware_id.to_string())
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(turns, [vec!["h1", "h2"], vec!["h3"], vec!["h1", "h2"], vec!["h3"]]);
    }

    #[test]
    fn the_end_of_an_earlier_stream_does_nothing_to_a_later_one() {
        let mut streams = Streams::default();
        let first = streams.open(holder("h1", "n1"), Mailbox::new()).unwrap();
        let second = streams.open(holder("h1", "n1"), Mailbox::new()).unwrap();
        let hardware_id = HardwareId::parse("h1").unwrap();
        streams.close(&hardware_id, first);
        assert!(!streams.is_empty());
        streams.close(&hardware_id, second);
        assert!(streams.is_empty());
        streams.close_all();
        assert_eq!(streams.open(holder("h1", "n1"), Mailbox::new()), None, "this program stops");
    }
}
