//! The steps from nothing to a command's answer, each shown as it happens.

use crate::Options;
use crate::child::Program;
use crate::cloud::Cloud;
use crate::gateway::{Gateway, Life};
use crate::radio::Radio;
use crate::{lte, roles, status_line};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// The network of the lab.
pub const NETWORK: &str = "lab";
/// Who signs in at the console.
const USER: &str = "lab";
/// How long any one step may take.
const STEP_LIMIT: Duration = Duration::from_secs(120);
/// How often the lab looks whether a step is done.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How often a gateway checks in, in seconds: often enough to watch it, or as `--measure` has it, as usual.
const CHECKIN_SECONDS: (u32, u32) = (15, 60);
/// How often it asks for its configuration, likewise.
const POLL_SECONDS: (u32, u32) = (5, 60);

/// Everything that runs.
pub struct Lab {
    /// The Orchestrator.
    pub cloud: Cloud,
    /// The gateways.
    pub gateways: Vec<Gateway>,
    begun: Instant,
}

/// Tells the whole story, and ends all processes whatever comes.
pub async fn tell(options: Options) -> Result<()> {
    let folder = folder(&options)?;
    println!("Magma lab in {}\n", folder.display());
    let cloud = Cloud::start(&Program::role(roles::ORC8R)?, &folder.join("orc8r"))?;
    let mut lab = Lab { cloud, gateways: Vec::new(), begun: Instant::now() };
    let told = tokio::select! {
        told = lab.run(&options, &folder) => told,
        () = interrupted() => {
            println!("\nstopping");
            Ok(())
        }
    };
    let stopped = lab.stop().await;
    told.and(stopped)
}

impl Lab {
    async fn run(&mut self, options: &Options, folder: &std::path::Path) -> Result<()> {
        self.start_cloud().await?;
        // What an agent takes is measured on a network without anything, as ever.
        let is_lte = !options.measure;
        self.create_network(is_lte).await?;
        let agent = match &options.magmad {
            Some(file) => Program::file(file.clone()),
            None => Program::role(roles::MAGMAD)?,
        };
        let usual = |(watched, usual)| if options.measure { usual } else { watched };
        let life = Life {
            services: options.services,
            poll_seconds: usual(POLL_SECONDS),
            control_proxy: options.measure,
        };
        for number in 1..=options.gateways {
            let id = format!("gw{number}");
            let gateway = Gateway::install(&id, &folder.join("gateways"), &self.cloud, agent.clone(), &life)?;
            self.gateways.push(gateway);
            self.enrol(number - 1, usual(CHECKIN_SECONDS), is_lte).await?;
        }
        for index in 0..self.gateways.len() {
            self.join(index).await?;
            if is_lte {
                self.look_at_lte(index).await?;
            }
        }
        for index in 0..self.gateways.len() {
            self.command(index).await?;
        }
        if is_lte {
            self.send_short_message(0).await?;
        }
        println!("\nThe round trip is complete.");
        if options.measure {
            return self.measure().await;
        }
        if options.once {
            return Ok(());
        }
        let password = self.create_user().await?;
        if is_lte {
            self.start_radios().await?;
        }
        self.introduce(&password);
        status_line::keep(self).await
    }

    async fn start_cloud(&mut self) -> Result<()> {
        let begun = Instant::now();
        let version = loop {
            match self.cloud.answers().await? {
                Ok(version) => break version,
                Err(error) if begun.elapsed() > STEP_LIMIT => {
                    let seconds = STEP_LIMIT.as_secs();
                    bail!("orc8r did not answer within {seconds} s: {error:#}\n{}", self.cloud.child.tail());
                }
                Err(_) => tokio::time::sleep(LOOK_INTERVAL).await,
            }
        };
        self.say("cloud", &format!("orc8r answers at {} {version}", self.cloud.rest_url()));
        Ok(())
    }

    async fn create_network(&self, is_lte: bool) -> Result<()> {
        let dns = json!({"enable_caching": false, "local_ttl": 0});
        let mut network = json!({"id": NETWORK, "name": "Lab", "description": "made by the lab", "dns": dns});
        if is_lte {
            network["cellular"] = lte::network_parts();
        }
        let path = if is_lte { "/lte" } else { "/networks" };
        self.cloud.call("POST", path, Some(&network)).await?;
        let tier =
            json!({"id": "default", "name": "Default", "version": "0.0.0-0", "images": [], "gateways": []});
        self.cloud.call("POST", &format!("/networks/{NETWORK}/tiers"), Some(&tier)).await?;
        let kind = if is_lte { "LTE network" } else { "network" };
        self.say("cloud", &format!("{kind} {NETWORK} with tier default, made by REST"));
        if is_lte { self.fill_network().await } else { Ok(()) }
    }

    async fn enrol(&self, index: usize, checkin_seconds: u32, is_lte: bool) -> Result<()> {
        let id = &self.gateways[index].id;
        let magmad = json!({
            "autoupgrade_enabled": false, "autoupgrade_poll_interval": 300,
            "checkin_interval": checkin_seconds, "checkin_timeout": 10,
        });
        let mut gateway = json!({
            "id": id, "name": format!("Gateway {id}"), "description": "made by the lab",
            "tier": "default", "magmad": magmad,
        });
        if is_lte {
            lte::add_gateway_parts(&mut gateway, index == 0);
        }
        let kind = if is_lte { "lte" } else { "networks" };
        self.cloud.call("POST", &format!("/{kind}/{NETWORK}/gateways"), Some(&gateway)).await?;
        let made = self.cloud.call("GET", &format!("/networks/{NETWORK}/gateways/{id}"), None).await?;
        let token = made["registration_info"]["registration_token"].as_str();
        let token = token.with_context(|| format!("no registration token in {made}"))?;
        self.say(id, &format!("issued a one-time token, {}…", token.get(..8).unwrap_or(token)));
        self.gateways[index].register(&self.cloud, token).await?;
        self.say(id, "enrolled: its hardware id and challenge key are known to the cloud");
        Ok(())
    }

    async fn join(&mut self, index: usize) -> Result<()> {
        self.gateways[index].start()?;
        let id = self.gateways[index].id.clone();
        self.until(index, "a certificate", |gateway, _| gateway.has_certificate().then_some(())).await?;
        self.say(&id, "has a certificate");
        let status = self.checked_in(index, 0).await?;
        let memory = status["system_status"]["mem_total"].as_u64().unwrap_or_default() >> 20;
        self.say(
            &id,
            &format!("checked in: hardware id {}, {memory} MiB memory", text(&status["hardware_id"])),
        );
        let mconfig = self.until(index, "a configuration", |gateway, _| gateway.mconfig()).await?;
        let keys: Vec<&str> = mconfig["configsByKey"]
            .as_object()
            .map(|keys| keys.keys().map(String::as_str).collect())
            .unwrap_or_default();
        self.say(&id, &format!("received its configuration: {}", keys.join(", ")));
        Ok(())
    }

    /// Waits for a check-in after `after`, in milliseconds of the cloud's clock, and returns the status.
    pub async fn checked_in(&mut self, index: usize, after: u64) -> Result<Value> {
        let path = format!("/networks/{NETWORK}/gateways/{}/status", self.gateways[index].id);
        let begun = Instant::now();
        loop {
            self.gateways[index].check()?;
            if let Ok(status) = self.cloud.call("GET", &path, None).await
                && status["checkin_time"].as_u64().is_some_and(|time| time > after)
            {
                return Ok(status);
            }
            self.patience(begun, index, "a check-in")?;
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    async fn until<T>(
        &mut self,
        index: usize,
        what: &str,
        look: impl Fn(&Gateway, &Cloud) -> Option<T>,
    ) -> Result<T> {
        let begun = Instant::now();
        loop {
            self.gateways[index].check()?;
            if let Some(found) = look(&self.gateways[index], &self.cloud) {
                return Ok(found);
            }
            self.patience(begun, index, what)?;
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    fn patience(&self, begun: Instant, index: usize, what: &str) -> Result<()> {
        if begun.elapsed() < STEP_LIMIT {
            return Ok(());
        }
        let gateway = &self.gateways[index];
        bail!("{} has not got {what} within {} s\n{}", gateway.id, STEP_LIMIT.as_secs(), gateway.tail())
    }

    async fn command(&self, index: usize) -> Result<()> {
        let id = &self.gateways[index].id;
        let ping = json!({"hosts": ["127.0.0.1"], "packets": 1});
        let answer = self.cloud.call("POST", &command_path(id, "ping"), Some(&ping)).await?;
        let result = &answer["pings"][0];
        match result["error"].as_str().filter(|error| !error.is_empty()) {
            None => {
                let time = result["avg_response_ms"].as_f64().unwrap_or_default();
                self.say(id, &format!("ping 127.0.0.1 through SyncRPC: {time:.3} ms"))
            }
            Some(error) => self.say(id, &format!("ping went through SyncRPC; the gateway says: {error}")),
        }
        let echo = json!({"command": "echo", "params": {"shell_params": ["hello from the cloud"]}});
        let answer = self.cloud.call("POST", &command_path(id, "generic"), Some(&echo)).await?;
        let said = text(&answer["response"]["stdout"]);
        if said.trim() != "hello from the cloud" {
            bail!("the generic command echo on {id} answered {answer}");
        }
        self.say(id, &format!("generic command echo through SyncRPC and back: {:?}", said.trim()));
        Ok(())
    }

    /// A user who may do everything; his password is new each time.
    async fn create_user(&self) -> Result<String> {
        let mut random = [0_u8; 8];
        fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random))?;
        let password: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let user = json!({"username": USER, "password": password});
        self.cloud.call("POST", "/user", Some(&user)).await?;
        let roles = json!([{"role": "owner"}]);
        self.cloud.call("PUT", &format!("/user/{USER}/roles"), Some(&roles)).await?;
        Ok(password)
    }

    /// Plays the radio and the core of each gateway until the lab ends.
    async fn start_radios(&self) -> Result<()> {
        for (index, gateway) in self.gateways.iter().enumerate() {
            let path = format!("/networks/{NETWORK}/gateways/{}/status", gateway.id);
            let status = self.cloud.call("GET", &path, None).await?;
            let radio = Radio::of(gateway, text(&status["hardware_id"]).to_owned(), index, &self.cloud)?;
            tokio::spawn(radio.run());
        }
        Ok(())
    }

    fn introduce(&self, password: &str) {
        let certificate = |name: &str| self.cloud.certificate(name).display().to_string();
        println!(
            "
The console, in a browser (it asks about the lab's own authority: go on, or let it trust {}):

  {}
  user {USER}, password {password}

The same by REST, with the administrator's certificate:

  curl --cacert {} \\
       --cert {} \\
       --key {} \\
       {}/lte/{NETWORK}/subscribers

  gateways with a certificate   controller.{domain}:{}
  gateways without one yet      bootstrapper-controller.{domain}:{}
  commands, for example         POST …/networks/{NETWORK}/gateways/gw1/command/tail_logs  {{\"service\": \"ticker\"}}

Ctrl-C ends it.
",
            certificate("rootCA.pem"),
            self.cloud.console_url(),
            certificate("rootCA.pem"),
            certificate("admin_operator.pem"),
            certificate("admin_operator.key.pem"),
            self.cloud.rest_url(),
            self.cloud.gateway_port(),
            self.cloud.bootstrap_port(),
            domain = self.cloud.domain(),
        );
    }

    /// Tells what happened just now.
    pub fn say(&self, who: &str, what: &str) {
        println!("{:>7.2} s  {who:<6} {what}", self.begun.elapsed().as_secs_f32());
    }

    /// How long it has been running.
    pub fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The status of each gateway as REST shows it.
    pub async fn statuses(&self) -> Vec<Option<Value>> {
        let mut found = Vec::new();
        for gateway in &self.gateways {
            let path = format!("/networks/{NETWORK}/gateways/{}/status", gateway.id);
            found.push(self.cloud.call("GET", &path, None).await.ok());
        }
        found
    }

    async fn stop(mut self) -> Result<()> {
        let mut result = Ok(());
        for gateway in &mut self.gateways {
            result = result.and(gateway.stop().await);
        }
        result.and(self.cloud.child.stop().await)
    }
}

/// The REST resource of a command.
pub fn command_path(gateway: &str, command: &str) -> String {
    format!("/networks/{NETWORK}/gateways/{gateway}/command/{command}")
}

/// The folder of this run.
fn folder(options: &Options) -> Result<PathBuf> {
    let Some(folder) = &options.dir else {
        return Ok(tempfile::Builder::new().prefix("magma-lab-").tempdir()?.keep());
    };
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    if fs::read_dir(folder)?.next().is_some() {
        bail!("{} is not empty; the lab starts from nothing: name another folder", folder.display());
    }
    Ok(fs::canonicalize(folder)?)
}

/// Waits for Ctrl-C, or for being told to end.
pub async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
