//! Upgrades of the program itself: real files, real processes, a cloud and a web server; good versions, bad ones, and
//! `kill -9` all the way through.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use magma_rpc::Status;
use magma_upgrade::disk::SystemDisk;
use magma_upgrade::journal::{Journal, Outcome, Stage};
use magma_upgrade::layout::{Layout, Request};

use crate::cloud::{Cloud, Feed, Mood, mconfig};
use crate::gateway::Gateway;
use crate::release::{key, publish_program};
use crate::roads::{Authority, NAME, Proxy, with_tls};
use crate::web::{Fault, Web};

mod packages;

/// How long anything may take: much longer than it does, also on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(240);

/// A gateway whose init system is this test: it starts the packaged program again whenever it ends.
struct Box {
    cloud: Cloud,
    web: Web,
    gateway: Gateway,
    layout: Layout,
    packaged: PathBuf,
    child: Option<Child>,
    ends: Vec<ExitStatus>,
    /// The `http_proxy` of its environment.
    proxy: Option<String>,
    /// Starts that the system refused.
    not_started: usize,
}

impl Box {
    /// With the packaged program, and `window_secs` for a new version to be healthy.
    async fn new(window_secs: u32) -> Self {
        let (cloud, web) = (Cloud::start().await, Web::start().await);
        let gateway = Gateway::with_certificate(&cloud);
        let packaged = gateway.path("usr/bin/magmad");
        fs::create_dir_all(packaged.parent().unwrap()).unwrap();
        stripped(Path::new(env!("CARGO_BIN_EXE_magmad")), &packaged);
        let magmad = crate::gateway::MAGMAD_YML
            .replace("enable_config_streamer: True", "enable_config_streamer: False");
        let base = &web.url;
        gateway.write(
            "etc/magma/magmad.yml",
            &format!(
                "{magmad}enable_upgrade_manager: True\nupgrader_factory:\n  kind: self\n  http_base_url: {base}\n  \
                 trusted_keys: [/etc/magma/upgrade.pub]\n  health_window_secs: {window_secs}\n"
            ),
        );
        gateway.write("etc/magma/upgrade.pub", &crate::release::public(&key(1)));
        let layout = Layout::new(gateway.path("var/opt/magma/upgrade"));
        Self {
            cloud,
            web,
            gateway,
            layout,
            packaged,
            child: None,
            ends: Vec::new(),
            proxy: None,
            not_started: 0,
        }
    }

    /// The tier's version from the next start on.
    fn wish(&self, version: &str) {
        self.gateway.write(
            "etc/magma/gateway.mconfig",
            &format!(
                r#"{{"configs_by_key": {{"magmad": {{"@type": "type.googleapis.com/magma.mconfig.MagmaD",
                "checkinInterval": 5, "checkinTimeout": 5, "autoupgradeEnabled": true,
                "autoupgradePollInterval": 60, "packageVersion": "{version}"}}}}}}"#
            ),
        );
    }

    /// The tier's version from now on, when the gateway has been told.
    async fn streamed(&mut self, version: &str) {
        let live = format!(
            r#"{{"@type": "type.googleapis.com/magma.mconfig.MagmaD", "checkinInterval": 5, "checkinTimeout": 5,
            "autoupgradeEnabled": true, "autoupgradePollInterval": 60, "packageVersion": "{version}"}}"#
        );
        self.cloud.behave(|behaviour| behaviour.feed = Feed::Once(mconfig(&[("magmad", &live)])));
        self.until("the gateway knows its tier's version", |gateway| {
            let stored = gateway.gateway.path("var/opt/magma/configs/gateway.mconfig");
            fs::read_to_string(stored).is_ok_and(|text| text.contains(version))
        })
        .await;
    }

    /// Publishes a version that is this program with something behind it, as another build would be.
    fn publish(&self, version: &str) -> Vec<u8> {
        let mut program = fs::read(&self.packaged).unwrap();
        program.extend_from_slice(format!("\nbuilt as {version}\n").as_bytes());
        publish_program(&self.web, &key(1), version, &program);
        program
    }

    /// Starts the packaged program unless it runs, as the unit of systemd does.
    fn start(&mut self) {
        if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().unwrap()) {
            self.ends.push(status);
            self.child = None;
        }
        if self.child.is_none() {
            self.guard();
            let log = fs::File::options().create(true).append(true).open(self.gateway.path("log")).unwrap();
            let child = Command::new(&self.packaged)
                .args(["run", "--log-level", "info", "--config-root"])
                .arg(self.gateway.root())
                .envs(self.proxy.iter().map(|url| ("http_proxy", url)))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn();
            self.not_started += usize::from(child.is_err());
            self.child = child.ok();
        }
    }

    /// What comes before a start while packages are on trial; that it is not there is not wrong.
    fn guard(&self) {
        let log = fs::File::options().create(true).append(true).open(self.gateway.path("log")).unwrap();
        let mut guard = Command::new(self.layout.guard());
        guard.args(["upgrade", "guard", "--config-root"]).arg(self.gateway.root());
        guard.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).status().ok();
    }

    /// `kill -9`.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Keeps the program running until `wanted`.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !wanted(self) {
            self.start();
            assert!(began.elapsed() < PATIENCE, "never: {what}; {:?}\n{}", self.journal(), self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn journal(&self) -> Journal {
        self.layout.load().unwrap()
    }

    /// How the last upgrade ended, if none is under way.
    fn outcome(&self) -> Option<(String, Outcome)> {
        let journal = self.journal();
        let last = journal.last.filter(|_| journal.active.is_none())?;
        Some((last.version.to_string(), last.outcome))
    }

    fn ask(&self, request: Request) {
        self.layout.request(&SystemDisk, request).unwrap();
    }

    /// The program that the running process really is.
    fn runs(&self) -> Option<Vec<u8>> {
        let id = self.child.as_ref()?.id();
        fs::read(format!("/proc/{id}/exe")).ok()
    }

    fn runs_packaged(&self) -> bool {
        let packaged = fs::read(&self.packaged).unwrap();
        self.runs().is_some_and(|program| program == packaged)
    }

    /// Whether the newest state in the cloud tells this version and this state of upgrades.
    fn cloud_knows(&self, version: &str, state: &str) -> bool {
        let seen = self.cloud.seen();
        let Some(report) = seen.reports.last() else { return false };
        let Some(gateway) = report.states.iter().find(|state| state.r#type == "gw_state") else {
            return false;
        };
        let value: serde_json::Value = serde_json::from_slice(&gateway.value).unwrap();
        value["platform_info"]["packages"][0]["version"] == version && value["meta"]["upgrade_state"] == state
    }

    fn log(&self) -> String {
        fs::read_to_string(self.gateway.path("log")).unwrap_or_default()
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A copy without what only debuggers read, where the machine can make one: ten times smaller.
fn stripped(from: &Path, to: &Path) {
    let done = Command::new("strip").args([OsStr::new("-o"), to.as_ref(), from.as_ref()]).status();
    if !done.is_ok_and(|status| status.success()) {
        fs::copy(from, to).unwrap();
    }
}

#[tokio::test]
async fn from_one_version_to_the_next_past_a_bad_one_and_back_by_hand() {
    let packaged = magmad::agent::VERSION;
    let mut gateway = Box::new(60).await;
    let next = gateway.publish("0.2.0-1");
    gateway.wish("0.2.0-1");
    gateway.ask(Request::Now);
    gateway
        .until("0.2.0-1 is healthy", |gateway| {
            gateway.outcome() == Some(("0.2.0-1".to_owned(), Outcome::Healthy))
        })
        .await;
    assert!(gateway.runs() == Some(next.clone()), "the new program runs");
    assert!(gateway.ends.is_empty(), "one process all the time: {:?}", gateway.ends);
    gateway.until("the cloud knows", |gateway| gateway.cloud_knows("0.2.0-1", "healthy")).await;

    // It stays after a crash, and after one more.
    for _ in 0..2 {
        gateway.kill();
        gateway.start();
        gateway.until("it runs again", |gateway| gateway.runs().is_some_and(|program| program == next)).await;
    }

    // One that ends at once is started three times.
    let bad =
        fs::read(if Path::new("/bin/false").exists() { "/bin/false" } else { "/usr/bin/false" }).unwrap();
    publish_program(&gateway.web, &key(1), "0.3.0", &bad);
    gateway.kill();
    gateway.wish("0.3.0");
    gateway.ask(Request::Now);
    gateway
        .until("0.3.0 is rolled back", |gateway| {
            gateway.outcome() == Some(("0.3.0".to_owned(), Outcome::RolledBack))
        })
        .await;
    gateway
        .until("0.2.0-1 runs again", |gateway| gateway.runs().is_some_and(|program| program == next))
        .await;
    assert_eq!(gateway.ends.len(), 3, "{:?}", gateway.ends);
    gateway.until("the cloud knows", |gateway| gateway.cloud_knows("0.2.0-1", "rolled_back")).await;

    // One that is no program at all goes at its first start.
    publish_program(&gateway.web, &key(1), "0.4.0", b"\x7fELF and then nothing that could run");
    gateway.kill();
    gateway.wish("0.4.0");
    gateway.ask(Request::Now);
    gateway
        .until("0.4.0 is rolled back", |gateway| {
            gateway.outcome() == Some(("0.4.0".to_owned(), Outcome::RolledBack))
        })
        .await;
    gateway
        .until("0.2.0-1 runs again", |gateway| gateway.runs().is_some_and(|program| program == next))
        .await;
    let (_, reason) = gateway.journal().refused.unwrap();
    assert!(reason.contains("cannot be started"), "{reason}");

    // And back to where it began.
    gateway.kill();
    gateway.wish("0.0.0-0");
    gateway.publish("0.5.0");
    gateway.wish("0.5.0");
    gateway.ask(Request::Now);
    gateway
        .until("0.5.0 is healthy", |gateway| {
            gateway.outcome() == Some(("0.5.0".to_owned(), Outcome::Healthy))
        })
        .await;
    gateway.ask(Request::RollBack);
    gateway
        .until("0.2.0-1 runs again", |gateway| gateway.runs().is_some_and(|program| program == next))
        .await;
    let outcome = gateway.outcome();
    assert_eq!(outcome, Some(("0.5.0".to_owned(), Outcome::RolledBack)), "packaged is {packaged}");
}

#[tokio::test]
async fn a_version_comes_over_https_through_the_proxy_of_the_environment() {
    let mut gateway = Box::new(60).await;
    let (authority, proxy) = (Authority::new(), Proxy::start(None).await);
    let url = with_tls(&gateway.web, &authority.server(NAME, false)).await;
    let settings = gateway.gateway.read("etc/magma/magmad.yml").replace(&gateway.web.url, &url);
    gateway.gateway.write("etc/magma/magmad.yml", &settings);
    let roots = gateway.cloud.root_pem() + &authority.pem;
    gateway.gateway.write("var/opt/magma/certs/rootCA.pem", &roots);
    let settings = gateway.cloud.control_proxy(false) + "allow_http_proxy: True\n";
    gateway.gateway.write("etc/magma/control_proxy.yml", &settings);
    gateway.proxy = Some(proxy.url("user:secret@"));
    let next = gateway.publish("0.2.0");
    gateway.wish("0.2.0");
    // In the middle of the file.
    gateway.web.spoil("/0.2.0/magmad", [Fault::Cut(next.len() / 2)]);
    gateway.ask(Request::Now);
    gateway
        .until("0.2.0 is healthy", |gateway| {
            gateway.outcome() == Some(("0.2.0".to_owned(), Outcome::Healthy))
        })
        .await;
    assert!(gateway.runs() == Some(next));
    assert_eq!(gateway.web.asked("/0.2.0/magmad").len(), 2);
    let tunnel = format!("CONNECT {} ", url.replace("https://", ""));
    assert_eq!(
        proxy.heads().iter().filter(|head| head.starts_with(&tunnel)).count(),
        4,
        "{:?}",
        proxy.heads()
    );
    assert!(!gateway.log().contains("secret"), "nobody reads the proxy's password in the log");
}

#[tokio::test]
async fn a_version_with_which_no_check_in_succeeds_goes_back_by_itself() {
    let mut gateway = Box::new(4).await;
    gateway.publish("0.2.0");
    gateway.wish("0.2.0");
    gateway.until("check-ins", |gateway| gateway.cloud.seen().reports.len() > 1).await;
    gateway.cloud.behave(|behaviour| behaviour.state = Mood::Refusing(Status::unavailable("no")));
    gateway.ask(Request::Now);
    gateway
        .until("0.2.0 is rolled back", |gateway| {
            gateway.outcome() == Some(("0.2.0".to_owned(), Outcome::RolledBack))
        })
        .await;
    gateway.until("the packaged program runs", Box::runs_packaged).await;
    let reason = gateway.journal().refused.unwrap().1;
    assert!(reason.contains("no check-in"), "{reason}");
    assert!(gateway.ends.is_empty(), "one process all the time: {:?}", gateway.ends);
    gateway.cloud.behave(|behaviour| behaviour.state = Mood::Good);
    gateway
        .until("the cloud knows", |gateway| gateway.cloud_knows(magmad::agent::VERSION, "rolled_back"))
        .await;
}

/// As when somebody tries `magmad run` by hand.
#[tokio::test]
async fn a_second_magmad_uses_up_no_start_of_a_trial() {
    let mut gateway = Box::new(120).await;
    gateway.publish("0.2.0");
    gateway.wish("0.2.0");
    gateway.until("check-ins", |gateway| gateway.cloud.seen().reports.len() > 1).await;
    gateway.cloud.behave(|behaviour| behaviour.state = Mood::Refusing(Status::unavailable("no")));
    gateway.ask(Request::Now);
    gateway
        .until("0.2.0 runs on trial", |gateway| {
            gateway.journal().stage() == Some(Stage::Trial)
                && gateway.runs().is_some_and(|program| program.ends_with(b"0.2.0\n"))
                && gateway.layout.hold().is_err()
        })
        .await;
    let first = gateway.child.take();
    for before in 0..4 {
        gateway.start();
        let began = Instant::now();
        while gateway.log().matches("another magmad runs").count() <= before {
            assert!(began.elapsed() < PATIENCE, "{}", gateway.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        gateway.kill();
    }
    gateway.child = first;
    let starts = gateway.journal().active.map(|(_, plan)| plan.starts);
    assert_eq!(starts, Some(1));
    gateway.cloud.behave(|behaviour| behaviour.state = Mood::Good);
    gateway.until("it is healthy", |gateway| gateway.outcome().is_some()).await;
    assert_eq!(gateway.outcome(), Some(("0.2.0".to_owned(), Outcome::Healthy)));
}

#[tokio::test]
async fn a_long_download_gives_way_to_another_wish_and_to_an_operator() {
    let mut gateway = Box::new(60).await;
    let settings = gateway.gateway.read("etc/magma/magmad.yml");
    let streaming = settings.replace("enable_config_streamer: False", "enable_config_streamer: True");
    gateway.gateway.write("etc/magma/magmad.yml", &streaming);
    gateway.streamed("0.2.0").await;
    gateway.publish("0.2.0");
    gateway.web.spoil("/0.2.0/magmad", [Fault::Trickle(1000)]);
    gateway.ask(Request::Now);
    gateway.until("0.2.0 comes in slowly", |gateway| gateway.web.trickled() > 3).await;

    // The tier names another one.
    let next = gateway.publish("0.3.0");
    gateway.streamed("0.3.0").await;
    gateway
        .until("0.3.0 is healthy", |gateway| {
            gateway.outcome() == Some(("0.3.0".to_owned(), Outcome::Healthy))
        })
        .await;

    // An operator does not want it.
    gateway.publish("0.4.0");
    let before = gateway.web.trickled();
    gateway.web.spoil("/0.4.0/magmad", [Fault::Trickle(1000)]);
    gateway.streamed("0.4.0").await;
    gateway.ask(Request::Now);
    gateway.until("0.4.0 comes in slowly", |gateway| gateway.web.trickled() > before + 3).await;
    let mut command = Command::new(&gateway.packaged);
    command.args(["upgrade", "rollback", "--config-root"]).arg(gateway.gateway.root());
    assert!(command.output().unwrap().status.success());
    gateway
        .until("0.4.0 is let be", |gateway| gateway.outcome() == Some(("0.4.0".to_owned(), Outcome::Failed)))
        .await;
    assert!(gateway.runs() == Some(next), "nothing has changed");
    assert!(gateway.ends.is_empty(), "one process all the time: {:?}", gateway.ends);
}

#[tokio::test]
async fn kill_9_at_every_stage_ends_in_a_version_that_works() {
    let mut gateway = Box::new(60).await;
    let next = gateway.publish("0.2.0");
    gateway.wish("0.2.0");
    gateway.ask(Request::Now);
    // In each stage it is killed once, as soon as that stage is written down; in the trial less often than it may start.
    let mut killed = Vec::new();
    let began = Instant::now();
    while gateway.outcome().is_none() {
        assert!(began.elapsed() < PATIENCE, "{killed:?} {:?}\n{}", gateway.journal(), gateway.log());
        gateway.start();
        let stage = gateway.journal().stage();
        if let Some(stage) = stage.filter(|stage| !killed.contains(stage)) {
            gateway.kill();
            killed.push(stage);
            if stage == Stage::Downloading {
                // Without a wish that is in force, the request is made again: it did not survive.
                gateway.ask(Request::Now);
            }
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(killed.contains(&Stage::Downloading) && killed.contains(&Stage::Trial), "{killed:?}");
    assert_eq!(gateway.outcome(), Some(("0.2.0".to_owned(), Outcome::Healthy)), "killed in {killed:?}");
    gateway.until("it runs", |gateway| gateway.runs().is_some_and(|program| program == next)).await;

    // And at any moment, again and again, while the next one comes.
    let newer = gateway.publish("0.3.0");
    gateway.wish("0.3.0");
    gateway.kill();
    let mut kills = 0;
    while kills < 25 && gateway.outcome() != Some(("0.3.0".to_owned(), Outcome::Healthy)) {
        gateway.ask(Request::Now);
        gateway.start();
        tokio::time::sleep(Duration::from_millis(37 * (kills % 11) + 3)).await;
        gateway.kill();
        kills += 1;
    }
    if gateway.outcome().is_some_and(|(version, _)| version == "0.3.0") {
        gateway.layout.forget_request(&SystemDisk).unwrap();
    } else {
        gateway.ask(Request::Now);
    }
    gateway
        .until("it comes to rest", |gateway| gateway.outcome().is_some_and(|(version, _)| version == "0.3.0"))
        .await;
    let expected = match gateway.outcome().unwrap().1 {
        Outcome::Healthy => newer,
        // Killed more often in its trial than it may start: the one before.
        Outcome::RolledBack | Outcome::Failed => next,
    };
    gateway.until("it runs", |gateway| gateway.runs().is_some_and(|program| program == expected)).await;
}
