//! `cloud.py`: starts it, commands it, and reads how calls through SyncRPC ended.

use serde_json::{Value, json};

use crate::gateway_program::text;
use crate::python::Program;

/// A running Orchestrator on Python's stack.
pub struct Cloud {
    /// Its lines and commands.
    pub program: Program,
    /// Port on loopback for gateways with a certificate.
    pub cloud_port: u16,
    /// Port on loopback for those without.
    pub bootstrap_port: u16,
    /// PEM text of the CA of its server certificates.
    pub root_ca: String,
}

/// What came of one call through SyncRPC.
pub struct Called {
    /// The messages, as JSON.
    pub answers: Vec<Value>,
    /// The last line about it: status, headers, error.
    pub end: Value,
}

impl Cloud {
    /// Starts it and waits until it listens.
    pub async fn start(domain: &str) -> Self {
        let mut program = Program::start("cloud.py", &["--domain", domain]);
        let listening = program.step("listening").await;
        let port = |name: &str| u16::try_from(listening[name].as_u64().expect("a number")).expect("a port");
        let (cloud_port, bootstrap_port) = (port("cloud_port"), port("bootstrap_port"));
        Self { program, cloud_port, bootstrap_port, root_ca: text(&listening, "root_ca") }
    }

    /// Sends a command with its argument.
    pub async fn command(&mut self, command: &str, argument: Value) {
        self.program.command(&format!("{command} {argument}")).await;
    }

    /// Calls a method of a service of a gateway that has sent its first heartbeat, and awaits the end of the call.
    pub async fn call(&mut self, gateway: &str, service: &str, path: &str, parameters: Value) -> Called {
        let request = self.begin(gateway, service, path, parameters).await;
        self.ended(&request).await
    }

    /// Sends a call, and returns the number of its request.
    pub async fn begin(&mut self, gateway: &str, service: &str, path: &str, parameters: Value) -> Value {
        let call = json!({"gateway": gateway, "service": service, "path": path, "parameters": parameters});
        self.command("call", call).await;
        self.program.step_where("call_sent", |line| line["path"] == path).await["request"].clone()
    }

    /// Awaits the end of a call that was sent.
    pub async fn ended(&mut self, request: &Value) -> Called {
        let end = self.program.step_where("call_ended", |line| &line["request"] == request).await;
        let mut answers = Vec::new();
        for line in self.program.unclaimed("call_answer").filter(|line| &line["request"] == request) {
            answers.push(line["answer"].clone());
        }
        Called { answers, end }
    }
}

impl Called {
    /// The only answer of a call that succeeded.
    pub fn answer(&self) -> &Value {
        assert_eq!(self.grpc_status(), "0", "{}", self.end);
        let [answer] = &self.answers[..] else { panic!("one answer is expected, not {:?}", self.answers) };
        answer
    }

    /// The trailer `grpc-status`; empty without one.
    pub fn grpc_status(&self) -> &str {
        self.end["headers"]["grpc-status"].as_str().unwrap_or_default()
    }
}
