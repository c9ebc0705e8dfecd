//! What goes to the cloud in one request.

use wire_orc8r::orc8r::{IdAndVersion, State, StateId};

use crate::known::Version;

/// A request is sent when it has this many bytes: a slow link must carry it within the deadline.
pub(crate) const REQUEST_BYTES: usize = 256 * 1024;
/// A state that is larger cannot be sent at all: gRPC takes 4 MiB, and the frame needs some.
pub(crate) const STATE_BYTES_MAX: usize = 4 * 1024 * 1024 - 4096;

/// What the protobuf of one element needs beside its texts.
const FRAME_BYTES: usize = 32;

/// Which record something is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) table: usize,
    pub(crate) id: String,
    pub(crate) version: Version,
}

/// Elements of a request that grows, each with the record that it is about.
pub(crate) struct Outgoing<T> {
    pub(crate) elements: Vec<T>,
    pub(crate) subjects: Vec<Subject>,
    bytes: usize,
}

impl<T> Default for Outgoing<T> {
    fn default() -> Self {
        Self { elements: Vec::new(), subjects: Vec::new(), bytes: 0 }
    }
}

impl<T: Element> Outgoing<T> {
    pub(crate) fn push(&mut self, element: T, subject: Subject) {
        self.bytes += element.bytes();
        self.elements.push(element);
        self.subjects.push(subject);
    }

    /// Whether `next` belongs into another request.
    pub(crate) fn is_full_for(&self, next: &T) -> bool {
        !self.elements.is_empty() && self.bytes + next.bytes() > REQUEST_BYTES
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

/// What requests have several of.
pub(crate) trait Element {
    fn bytes(&self) -> usize;
}

impl Element for State {
    fn bytes(&self) -> usize {
        FRAME_BYTES + self.r#type.len() + self.device_id.len() + self.value.len()
    }
}

impl Element for IdAndVersion {
    fn bytes(&self) -> usize {
        FRAME_BYTES + self.id.as_ref().map_or(0, Element::bytes)
    }
}

impl Element for StateId {
    fn bytes(&self) -> usize {
        FRAME_BYTES + self.r#type.len() + self.device_id.len()
    }
}
