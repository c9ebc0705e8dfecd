//! `eventd.yml`: which events a gateway has, how they are checked, and where they go.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::block::Block;
use crate::magmad::read_log_level;
use crate::value::{absolute_path, boolean, mebibytes, port, seconds, text};

/// Every key of `eventd.yml`, which may be absent. It is read only where `embedded_services` has `eventd` or
/// `td-agent-bit`: otherwise it is another program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eventd {
    /// `fluent_bit_port` (5170): where `td-agent-bit` takes events on loopback.
    pub fluent_bit_port: u16,
    /// `tcp_timeout` in seconds (5): the limit for connecting and writing to it.
    pub tcp_timeout: Duration,
    /// `event_registry`: the events that are taken, by type; `None` when the file does not say.
    pub event_registry: Option<BTreeMap<String, EventType>>,
    /// `schema_dir` (`/etc/magma/swagger`), our own: the folder of `<module>/<filename>`, without the root.
    pub schema_dir: PathBuf,
    /// `buffer_mb` (4) as bytes, our own: what waits on disk at most while `td-agent-bit` does not take it.
    pub buffer_bytes_max: usize,
}

/// One of `event_registry`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventType {
    /// `module`: the folder of its schema, such as `lte`.
    pub module: String,
    /// `filename` of its schema, such as `mme_events.v1.yml`.
    pub filename: String,
    /// `retry_on_failure` (false): passed on with each event.
    pub retry_on_failure: bool,
}

impl Default for Eventd {
    fn default() -> Self {
        Self {
            fluent_bit_port: 5170,
            tcp_timeout: Duration::from_secs(5),
            event_registry: None,
            schema_dir: PathBuf::from("/etc/magma/swagger"),
            buffer_bytes_max: 4 << 20,
        }
    }
}

pub(crate) fn read(mut block: Block<'_>) -> Eventd {
    let default = Eventd::default();
    read_log_level(&mut block);
    let eventd = Eventd {
        fluent_bit_port: block.read("fluent_bit_port", port).unwrap_or(default.fluent_bit_port),
        tcp_timeout: block.read("tcp_timeout", seconds(1)).unwrap_or(default.tcp_timeout),
        event_registry: block.block("event_registry").map(read_registry),
        schema_dir: block.read("schema_dir", absolute_path).unwrap_or(default.schema_dir),
        buffer_bytes_max: block.read("buffer_mb", mebibytes).unwrap_or(default.buffer_bytes_max),
    };
    block.finish();
    eventd
}

fn read_registry(mut block: Block<'_>) -> BTreeMap<String, EventType> {
    let types = block.remaining_blocks().into_iter().map(|(name, mut entry)| {
        let event = EventType {
            module: entry.read("module", file_name).unwrap_or_default(),
            filename: entry.read("filename", file_name).unwrap_or_default(),
            retry_on_failure: entry.read("retry_on_failure", boolean).unwrap_or(false),
        };
        entry.finish();
        (name, event)
    });
    types.collect()
}

/// A name in a folder, which leads nowhere else.
fn file_name(node: &crate::yaml::Node) -> Result<String, String> {
    let name = text(node)?;
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err(format!("is {name}, but must be the name of a file or folder, without /"));
    }
    Ok(name)
}
