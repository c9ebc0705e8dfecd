//! What the builders put together: one message, or one reason, for each service.

use std::collections::BTreeMap;

use orc8r_model::GatewayNeighbourhood;
use prost::{Message, Name};
use prost_types::Any;

/// A function that adds the entries of one kind of network.
///
/// A later builder's entry under a key that an earlier one has used is refused, as in Magma.
pub type Builder = fn(&GatewayNeighbourhood, &mut Entries);

/// Why one entry cannot be built. The texts tell the operator which configuration to correct.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// A stored configuration does not have the form that REST would have accepted.
    #[error("the {what} is not usable: {reason}; write it again by REST")]
    Config {
        /// Which configuration, for example `gateway's magmad configuration`.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Two builders made an entry for the same service.
    #[error("two builders made an entry for this service; the first one is kept")]
    Duplicate,
    /// The message has no JSON form.
    #[error(transparent)]
    Json(#[from] wire_json::EncodeError),
}

/// The entries so far, by service.
#[derive(Default)]
pub struct Entries {
    messages: BTreeMap<&'static str, Any>,
    problems: Vec<(&'static str, EntryError)>,
}

impl Entries {
    /// Adds a service's entry, or remembers why there is none.
    pub fn add<M: Message + Name>(&mut self, service: &'static str, entry: Result<M, EntryError>) {
        match entry {
            Ok(_) if self.messages.contains_key(service) => {
                self.problems.push((service, EntryError::Duplicate));
            }
            Ok(message) => {
                let any = Any { type_url: M::type_url(), value: message.encode_to_vec() };
                self.messages.insert(service, any);
            }
            Err(error) => self.problems.push((service, error)),
        }
    }

    /// Adds a service's entry if it has one.
    pub fn add_any<M: Message + Name>(
        &mut self,
        service: &'static str,
        entry: Result<Option<M>, EntryError>,
    ) {
        if let Some(entry) = entry.transpose() {
            self.add(service, entry);
        }
    }

    /// Reports what had to be left out of a service's entry, which is delivered without it.
    pub fn note(&mut self, service: &'static str, error: EntryError) {
        self.problems.push((service, error));
    }

    pub(crate) fn into_parts(self) -> (BTreeMap<&'static str, Any>, Vec<(&'static str, EntryError)>) {
        (self.messages, self.problems)
    }
}

#[cfg(test)]
mod tests {
    use wire_orc8r::mconfig::{ControlProxy, MetricsD};

    use super::*;

    #[test]
    fn the_first_entry_of_a_service_stays_and_the_second_is_reported() {
        let mut entries = Entries::default();
        entries.add("control_proxy", Ok(ControlProxy { log_level: 1 }));
        entries.add("control_proxy", Ok(MetricsD { log_level: 2 }));
        let (messages, problems) = entries.into_parts();
        assert_eq!(messages["control_proxy"].type_url, "type.googleapis.com/magma.mconfig.ControlProxy");
        assert!(matches!(problems[..], [("control_proxy", EntryError::Duplicate)]));
    }
}
