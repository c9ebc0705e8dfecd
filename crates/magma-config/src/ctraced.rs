//! `ctraced.yml`: how call traces are made.

use std::path::PathBuf;

use crate::block::Block;
use crate::magmad::read_log_level;
use crate::value::{absolute_path, text, word};
use crate::yaml::Node;

/// The kernel's names of interfaces have 15 bytes; `tshark` also takes paths of pipes and numbers.
const INTERFACE_BYTES_MAX: usize = 64;

/// `ctraced.yml`, which may be absent. It is read only where `embedded_services` has `ctraced`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ctraced {
    /// `trace_tool` (tshark): a program's name or path; it must take the arguments of `tshark`.
    pub trace_tool: PathBuf,
    /// `trace_directory` (`/var/opt/magma/trace`), without the root.
    pub trace_directory: PathBuf,
    /// `trace_interfaces` (eth0).
    pub trace_interfaces: Vec<String>,
}

impl Default for Ctraced {
    fn default() -> Self {
        Self {
            trace_tool: PathBuf::from("tshark"),
            trace_directory: PathBuf::from("/var/opt/magma/trace"),
            trace_interfaces: vec!["eth0".to_owned()],
        }
    }
}

pub(crate) fn read(mut block: Block<'_>) -> Ctraced {
    read_log_level(&mut block);
    let default = Ctraced::default();
    let interfaces = block.read_list("trace_interfaces", interface);
    let interfaces: Vec<String> = interfaces.into_iter().map(|(_, interface)| interface).collect();
    let ctraced = Ctraced {
        trace_tool: block.read("trace_tool", tool).unwrap_or(default.trace_tool),
        trace_directory: block.read("trace_directory", absolute_path).unwrap_or(default.trace_directory),
        trace_interfaces: if interfaces.is_empty() { default.trace_interfaces } else { interfaces },
    };
    block.finish();
    ctraced
}

fn tool(node: &Node) -> Result<PathBuf, String> {
    let name = text(node)?;
    if name.is_empty() || name.starts_with('-') || (name.contains('/') && !name.starts_with('/')) {
        return Err(format!("is {name}, but must be a program's name, or its path from /"));
    }
    Ok(PathBuf::from(name))
}

/// `tshark` also knows interfaces by their numbers.
fn interface(node: &Node) -> Result<String, String> {
    let name = word(node)?;
    if name.is_empty() || name.len() > INTERFACE_BYTES_MAX || name.starts_with('-') {
        return Err(format!("is {name}, but must be the name of an interface, or any"));
    }
    Ok(name)
}
