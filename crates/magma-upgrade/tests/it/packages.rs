//! Debian packages: real ones, installed by the real dpkg below a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use magma_upgrade::deb::Deb;
use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::installer::Installer;
use magma_upgrade::journal::{Outcome, Stage};
use magma_upgrade::layout::Request;
use magma_upgrade::manifest::{Kind, Manifest};
use magma_upgrade::upgrader::{Running, Upgrader};

use crate::gateway::{End, Gateway, PACKAGED};
use crate::release::{file, key, publish, version};
use crate::web::Web;

mod guard;

/// A machine with `magma` 1.8.0 and its library, and a server that has both and 1.9.0.
struct Machine {
    web: Web,
    gateway: Gateway,
    folder: tempfile::TempDir,
}

/// None, with a word about it, where dpkg is missing.
async fn machine() -> Option<Machine> {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        println!("skipped: dpkg is not installed");
        return None;
    }
    let web = Web::start().await;
    let gateway = Gateway::new(&web, "1.9.0-2");
    let machine = Machine { web, gateway, folder: tempfile::tempdir().unwrap() };
    for folder in ["updates", "info", "triggers", "parts"] {
        fs::create_dir_all(machine.root().join("var/lib/dpkg").join(folder)).unwrap();
    }
    for name in ["status", "available"] {
        fs::write(machine.root().join("var/lib/dpkg").join(name), "").unwrap();
    }
    let old = machine.publish("1.8.0", Script::None);
    machine.publish("1.9.0-2", Script::None);
    let mut install = Command::new("dpkg");
    install.args(machine.options()).arg("--install").args(old);
    assert!(install.output().unwrap().status.success());
    Some(machine)
}

/// What a package runs when it is installed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    None,
    Failing,
}

impl Machine {
    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn options(&self) -> Vec<String> {
        let root = self.root().display().to_string();
        vec![format!("--root={root}"), "--force-not-root".to_owned(), "--log=/dev/null".to_owned()]
    }

    /// Builds and publishes a version: the program's package, which needs exactly its own library's.
    fn publish(&self, text: &str, script: Script) -> Vec<PathBuf> {
        let depends = format!("Depends: magma-lib (= {text})\n");
        let files =
            [self.build("magma", text, &depends, script), self.build("magma-lib", text, "", Script::None)];
        let artefact = |path: &PathBuf| {
            let (name, contents) = (path.file_name().unwrap().to_str().unwrap(), fs::read(path).unwrap());
            self.web.put(&format!("/{text}/{name}"), contents.clone());
            file(Kind::Deb, name, &contents)
        };
        let artefacts = files.iter().map(artefact).collect();
        publish(&self.web, &key(1), &Manifest { version: version(text), artefacts });
        files.to_vec()
    }

    fn build(&self, package: &str, text: &str, depends: &str, script: Script) -> PathBuf {
        let tree = self.folder.path().join(format!("{package}-{text}"));
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        let control = format!(
            "Package: {package}\nVersion: {text}\nArchitecture: all\nMaintainer: Nobody <nobody@magma.test>\n\
             {depends}Description: for a test\n"
        );
        fs::write(tree.join("DEBIAN/control"), control).unwrap();
        if script == Script::Failing {
            let path = tree.join("DEBIAN/postinst");
            fs::write(&path, "#!/nowhere/sh\n").unwrap();
            SystemDisk.make_executable(&path).unwrap();
        }
        let place = tree.join("usr/share").join(package);
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("version"), text).unwrap();
        let deb = self.folder.path().join(format!("{package}_{text}_all.deb"));
        let built =
            Command::new("dpkg-deb").args(["--build", "--root-owner-group"]).args([&tree, &deb]).output();
        assert!(built.unwrap().status.success());
        deb
    }

    fn agent(&self) -> Upgrader {
        self.agent_with([vec!["dpkg".to_owned()], self.options()].concat())
    }

    /// With these words in front of dpkg's options.
    fn agent_with(&self, install: Vec<String>) -> Upgrader {
        let query = vec!["dpkg-query".to_owned(), self.options()[0].clone()];
        self.agent_of(Deb { package: "magma".to_owned(), install, query, busy: Vec::new(), program: None })
    }

    fn agent_of(&self, deb: Deb) -> Upgrader {
        let running = Running { packaged: PACKAGED.to_owned(), slot: None };
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let (layout, timings) = (self.gateway.layout.clone(), self.gateway.timings.clone());
        Upgrader::open(disk, layout, Installer::Deb(deb), running, timings)
    }

    /// What the installed packages say.
    fn installed(&self) -> [String; 2] {
        ["magma", "magma-lib"].map(|package| {
            let place: &Path = &self.root().join("usr/share").join(package);
            fs::read_to_string(place.join("version")).unwrap_or_default()
        })
    }

    fn outcome(&self) -> Option<Outcome> {
        self.gateway.journal().last.map(|last| last.outcome)
    }
}

#[tokio::test]
async fn all_packages_of_a_version_come_and_go_together() {
    let Some(machine) = machine().await else { return };
    let mut agent = machine.agent();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.9.0-2", "1.9.0-2"]);
    assert_eq!(machine.outcome(), Some(Outcome::Healthy));

    // Back without the network: the packages of the version before were kept.
    let requests = machine.web.requests();
    let mut agent = machine.agent();
    agent.request(Request::RollBack).unwrap();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
    assert_eq!((machine.outcome(), machine.web.requests()), (Some(Outcome::RolledBack), requests));
}

#[tokio::test]
async fn packages_that_cannot_be_installed_are_taken_back() {
    let Some(machine) = machine().await else { return };
    machine.publish("1.9.0-2", Script::Failing);
    let mut agent = machine.agent();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
    assert_eq!(machine.outcome(), Some(Outcome::RolledBack));
    let (_, reason) = machine.gateway.journal().refused.unwrap();
    assert!(reason.contains("dpkg failed"), "{reason}");
}

#[tokio::test]
async fn packages_with_which_the_gateway_is_not_healthy_are_taken_back_by_the_next_process_too() {
    let Some(mut machine) = machine().await else { return };
    let mut agent = machine.agent();
    let (mut health, source) = (magma_upgrade::upgrader::Health::default(), machine.gateway.source.clone());
    health.check_ins = 1;
    while agent.journal().stage() != Some(Stage::Trial) {
        agent.turn(&machine.gateway.wish, Ok(&source), &health).await;
    }
    assert_eq!(machine.installed(), ["1.9.0-2", "1.9.0-2"]);
    // As after a power cut.
    machine.gateway.timings.window = Duration::ZERO;
    let mut agent = machine.agent();
    assert_eq!(machine.gateway.drive(&mut agent, false, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
}

/// As when a package's script restarts the agent in the middle of the installation that the agent ordered.
#[tokio::test]
async fn an_agent_that_its_own_upgrade_restarted_installs_nothing_twice() {
    let Some(machine) = machine().await else { return };
    let mut agent = machine.agent();
    let (mut health, source) = (magma_upgrade::upgrader::Health::default(), machine.gateway.source.clone());
    health.check_ins = 1;
    let mut before = None;
    while agent.journal().stage() != Some(Stage::Trial) {
        before = Some(agent.journal().clone());
        agent.turn(&machine.gateway.wish, Ok(&source), &health).await;
    }
    assert_eq!(machine.installed(), ["1.9.0-2", "1.9.0-2"]);
    // What the journal says when the agent ends before dpkg does.
    machine.gateway.layout.save(&SystemDisk, &before.unwrap()).unwrap();

    let mut agent = machine.agent_with(vec!["/nowhere/dpkg".to_owned()]);
    assert_eq!(agent.journal().stage(), Some(Stage::Switching));
    agent.turn(&machine.gateway.wish, Ok(&source), &health).await;
    assert_eq!(agent.journal().stage(), Some(Stage::Trial), "{}", agent.error());
}

#[tokio::test]
async fn nothing_is_installed_when_there_would_be_no_way_back() {
    let Some(machine) = machine().await else { return };
    machine.web.put("/1.8.0/manifest.json.sig", "");
    let mut agent = machine.agent();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert_eq!(machine.installed(), ["1.8.0", "1.8.0"]);
    assert_eq!(machine.outcome(), Some(Outcome::Failed));
}
