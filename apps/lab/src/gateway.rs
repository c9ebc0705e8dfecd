//! One gateway: its files in a folder of its own, and its agent.

use crate::child::{Child, Program};
use crate::cloud::Cloud;
use crate::{ports, roles};
use anyhow::{Context, Result};
use magma_rpc::tls::Identity;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a gateway has to do.
pub struct Life {
    /// How many sample services it has, beside the ticker.
    pub services: usize,
    /// How often it asks for its configuration.
    pub poll_seconds: u32,
    /// Whether its agent is the control proxy too.
    pub control_proxy: bool,
}

/// A gateway of the lab.
pub struct Gateway {
    /// Its logical id.
    pub id: String,
    root: PathBuf,
    agent: Program,
    /// Where its control proxy listens, if it has one.
    pub proxy_port: u16,
    /// Its agent, once started.
    pub child: Option<Child>,
}

impl Gateway {
    /// Writes the files that a new gateway has: its configuration and the cloud's root certificate.
    pub fn install(id: &str, folder: &Path, cloud: &Cloud, agent: Program, life: &Life) -> Result<Self> {
        let root = folder.join(id);
        let (etc, certificates) = (root.join("etc/magma"), root.join("var/opt/magma/certs"));
        fs::create_dir_all(&etc)?;
        fs::create_dir_all(&certificates)?;
        fs::copy(cloud.root_certificate(), certificates.join("rootCA.pem")).context("copying rootCA.pem")?;
        let ports = ports::free(2 + life.services)?;
        let (proxy_port, ports) = (ports[0], &ports[1..]);
        let write = |name: &str, text: String| {
            fs::write(etc.join(name), text).with_context(|| format!("writing {}", etc.join(name).display()))
        };
        write("magmad.yml", magmad_yml(life, &ports[1..])?)?;
        write("service_registry.yml", service_registry_yml(ports))?;
        write("control_proxy.yml", format!("{CONTROL_PROXY_YML}local_port: {proxy_port}\n"))?;
        write("streamer.yml", format!("reconnect_sec: {}\nstream_timeout: 150\n", life.poll_seconds))?;
        write("gateway.mconfig", DEFAULT_MCONFIG.to_owned())?;
        Ok(Self { id: id.to_owned(), root, agent, proxy_port, child: None })
    }

    /// Enrols it with a token.
    pub async fn register(&self, cloud: &Cloud, token: &str) -> Result<()> {
        let (root, port) = (self.root.to_string_lossy(), cloud.bootstrap_port().to_string());
        let arguments = ["register", &cloud.domain(), token, "--config-root", &root, "--cloud-port", &port];
        self.agent.finish("magmad register", &arguments, Duration::from_secs(120)).await?;
        Ok(())
    }

    /// Starts its agent.
    pub fn start(&mut self) -> Result<()> {
        let root = self.root.to_string_lossy().into_owned();
        let child =
            self.agent.start("magmad", &["run", "--config-root", &root], &self.root.join("magmad.log"))?;
        self.child = Some(child);
        Ok(())
    }

    /// Ends its agent.
    pub async fn stop(&mut self) -> Result<()> {
        match self.child.take() {
            Some(child) => child.stop().await,
            None => Ok(()),
        }
    }

    /// Fails when its agent has ended.
    pub fn check(&mut self) -> Result<()> {
        self.child.as_mut().map_or(Ok(()), Child::check)
    }

    /// The end of its agent's log.
    pub fn tail(&self) -> String {
        self.child.as_ref().map(Child::tail).unwrap_or_default()
    }

    /// Whether it has a certificate.
    pub fn has_certificate(&self) -> bool {
        self.root.join("var/opt/magma/certs/gateway.crt").is_file()
    }

    /// Its certificate, with the key.
    pub fn identity(&self) -> Result<Identity> {
        let certificates = self.root.join("var/opt/magma/certs");
        let read = |name: &str| {
            fs::read(certificates.join(name)).with_context(|| format!("reading {name} of {}", self.id))
        };
        Ok(Identity::from_pem(&read("gateway.crt")?, &read("gateway.key")?)?)
    }

    /// The stored configuration, once there is one.
    pub fn mconfig(&self) -> Option<Value> {
        let text = fs::read(self.root.join("var/opt/magma/configs/gateway.mconfig")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Its agent's resident memory, in bytes (`VmRSS` of proc_pid_status(5)).
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = self.of_process("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// The processor time that its agent has taken (`/proc/PID/schedstat`, whose first number is nanoseconds).
    pub fn processor_time(&self) -> Option<Duration> {
        let text = self.of_process("schedstat")?;
        Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
    }

    /// How often its agent has been woken from waiting (`voluntary_ctxt_switches` of proc_pid_status(5)).
    pub fn wakeups(&self) -> Option<u64> {
        let status = self.of_process("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse().ok()
    }

    fn of_process(&self, file: &str) -> Option<String> {
        let id = self.child.as_ref()?.id()?;
        fs::read_to_string(format!("/proc/{id}/{file}")).ok()
    }
}

/// The proxy's address and the cloud's come with the registration; certificates are where they always are.
const CONTROL_PROXY_YML: &str = "\
rootca_cert: /var/opt/magma/certs/rootCA.pem
gateway_cert: /var/opt/magma/certs/gateway.crt
gateway_key: /var/opt/magma/certs/gateway.key
cloud_address: controller.not-registered.localhost
cloud_port: 8443
bootstrap_address: bootstrapper-controller.not-registered.localhost
bootstrap_port: 8444
proxy_cloud_connections: False
";

const DEFAULT_MCONFIG: &str = r#"{"configsByKey": {"magmad": {
  "@type": "type.googleapis.com/magma.mconfig.MagmaD",
  "logLevel": "INFO", "checkinInterval": 60, "checkinTimeout": 10,
  "autoupgradeEnabled": false, "autoupgradePollInterval": 300, "packageVersion": "0.0.0-0"
}}}
"#;

fn magmad_yml(life: &Life, ports: &[u16]) -> Result<String> {
    let names: Vec<String> = (1..=life.services).map(sample_name).collect();
    let mut commands = command_line("ticker", &Program::role(roles::TICKER)?, &[]);
    for (name, port) in names.iter().zip(ports) {
        let program = Program::role(roles::SAMPLE_SERVICE)?;
        commands += &command_line(name, &program, &[name.clone(), port.to_string()]);
    }
    let names = names.join(", ");
    Ok(format!(
        "\
log_level: INFO
magma_services: [ticker{separator}{names}]
non_service303_services: [ticker]
embedded_services: [{embedded}]
init_system: process
service_commands:
{commands}bootstrap_config:
  challenge_key: /var/opt/magma/certs/gw_challenge.key
enable_config_streamer: True
enable_sync_rpc: True
metricsd:
  collect_interval: 60
  sync_interval: 60
  grpc_timeout: 30
  services: [magmad{separator}{names}]
generic_command_config:
  timeout_secs: 15
  shell_commands:
    - name: echo
      command: \"echo {{}}\"
      allow_params: True
",
        embedded = if life.control_proxy { "control_proxy" } else { "" },
        separator = if names.is_empty() { "" } else { ", " },
    ))
}

/// One line of `service_commands`.
fn command_line(name: &str, program: &Program, arguments: &[String]) -> String {
    let quoted = |word: &String| Value::from(word.as_str()).to_string();
    let words: Vec<String> = program.words().iter().chain(arguments).map(quoted).collect();
    format!("  {name}: [{}]\n", words.join(", "))
}

fn sample_name(number: usize) -> String {
    format!("sample{number:02}")
}

/// The first port is the agent's, the others are the sample services'.
fn service_registry_yml(ports: &[u16]) -> String {
    let mut text = "services:\n".to_owned();
    for (index, port) in ports.iter().enumerate() {
        let name = if index == 0 { "magmad".to_owned() } else { sample_name(index) };
        text += &format!("  {name}:\n    ip_address: 127.0.0.1\n    port: {port}\n");
    }
    text
}
