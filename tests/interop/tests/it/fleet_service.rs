//! `service.py`: services of a gateway on Python's gRPC stack, which our agent starts as its children.

use std::fs;
use std::path::Path;

use magma_free_port::free_port;
use serde_json::json;
use tempfile::TempDir;

use crate::python::script;

/// The services of one gateway: where they are, and what they are told.
pub struct FleetServices {
    ports: Vec<(&'static str, u16)>,
    /// Where they look for what they are told.
    orders: TempDir,
}

impl FleetServices {
    /// Gives each service a port; none of them runs yet.
    pub fn new(names: &[&'static str]) -> Self {
        let ports = names.iter().map(|name| (*name, free_port())).collect();
        Self { ports, orders: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Their names and ports.
    pub fn ports(&self) -> &[(&'static str, u16)] {
        &self.ports
    }

    /// `service_commands` of magmad.yml; `stubs` is where the contract was compiled into.
    pub fn commands(&self, stubs: &Path) -> String {
        let command = |(name, port): &(&str, u16)| {
            let script = script("service.py");
            let arguments = json!([
                "/usr/bin/env",
                "python3",
                "-B",
                script,
                "--name",
                name,
                "--port",
                port.to_string(),
                "--stubs",
                stubs,
                "--folder",
                self.orders.path(),
            ]);
            format!("  {name}: {arguments}\n")
        };
        self.ports.iter().map(command).collect()
    }

    /// Lets a service end by itself, with an error.
    pub fn exit(&self, name: &str) {
        self.order(name, "exit");
    }

    /// Lets a service's process stop as it stands: it is there and answers nothing.
    pub fn hang(&self, name: &str) {
        self.order(name, "hang");
    }

    fn order(&self, name: &str, what: &str) {
        fs::write(self.orders.path().join(format!("{name}.{what}")), "").expect("the folder can be written");
    }
}
