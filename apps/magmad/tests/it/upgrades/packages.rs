//! The agent's own package is upgraded to one whose agent does not start: real packages, the real dpkg below the gateway's
//! folder, and the kept program before each start, as in the unit of systemd.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use magma_upgrade::journal::{Outcome, Stage};
use magma_upgrade::layout::Request;
use magma_upgrade::manifest::{Kind, Manifest};

use super::Box;
use crate::release::{file, key, publish, version};

impl Box {
    /// A gateway that is upgraded by packages and has 1.8.0; none, with a word about it, where dpkg is missing.
    async fn with_packages() -> Option<Self> {
        if Command::new("dpkg-deb").arg("--version").output().is_err() {
            println!("skipped: dpkg is not installed");
            return None;
        }
        let mut gateway = Self::new(60).await;
        let settings = gateway.gateway.read("etc/magma/magmad.yml");
        gateway
            .gateway
            .write("etc/magma/magmad.yml", &settings.replace("kind: self", "kind: deb\n  package: magmad"));
        for folder in ["updates", "info", "triggers", "parts"] {
            fs::create_dir_all(gateway.gateway.path("var/lib/dpkg").join(folder)).unwrap();
        }
        for name in ["status", "available"] {
            gateway.gateway.write(&format!("var/lib/dpkg/{name}"), "");
        }
        let program = fs::read(&gateway.packaged).unwrap();
        fs::remove_file(&gateway.packaged).unwrap();
        let package = gateway.publish_package("1.8.0", &program);
        let root = format!("--root={}", gateway.gateway.root().display());
        let installed = Command::new("dpkg")
            .args([&*root, "--force-not-root", "--log=/dev/null", "--install"])
            .arg(package)
            .output()
            .unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        assert!(gateway.packaged.is_file());
        gateway.start();
        Some(gateway)
    }

    /// Builds a package of the agent with this program, and publishes it as a version.
    fn publish_package(&self, text: &str, program: &[u8]) -> std::path::PathBuf {
        let name = format!("magmad_{text}_all.deb");
        let tree = self.gateway.path(&format!("build/{text}"));
        fs::create_dir_all(tree.join("DEBIAN")).unwrap();
        fs::create_dir_all(tree.join("usr/bin")).unwrap();
        fs::write(tree.join("usr/bin/magmad"), program).unwrap();
        fs::set_permissions(tree.join("usr/bin/magmad"), fs::Permissions::from_mode(0o755)).unwrap();
        let control = format!(
            "Package: magmad\nVersion: {text}\nArchitecture: all\nMaintainer: Nobody <nobody@magma.test>\n\
             Description: for a test\n"
        );
        fs::write(tree.join("DEBIAN/control"), control).unwrap();
        let package = self.gateway.path("build").join(&name);
        let mut build = Command::new("dpkg-deb");
        build.args(["-Znone", "--build", "--root-owner-group"]).args([&tree, &package]);
        assert!(build.output().unwrap().status.success());
        let contents = fs::read(&package).unwrap();
        let artefacts = vec![file(Kind::Deb, &name, &contents)];
        self.web.put(&format!("/{text}/{name}"), contents);
        publish(&self.web, &key(1), &Manifest { version: version(text), artefacts });
        package
    }

    /// Asks for a version and keeps the gateway running until the upgrade has ended so. When dpkg has put the new program
    /// in place, the agent is ended, as the package's script does it.
    async fn upgrade_to(&mut self, text: &str, program: &[u8], outcome: Outcome) {
        self.wish(text);
        self.kill();
        self.ask(Request::Now);
        self.start();
        self.until("the new package is unpacked", |gateway| {
            fs::read(&gateway.packaged).is_ok_and(|installed| installed == program)
        })
        .await;
        self.kill();
        assert!(
            matches!(self.journal().stage(), Some(Stage::Switching | Stage::Trial)),
            "{:?}",
            self.journal()
        );
        self.until("it has ended", |gateway| gateway.outcome() == Some((text.to_owned(), outcome))).await;
    }
}

#[tokio::test]
async fn a_package_whose_agent_cannot_start_is_replaced_by_the_one_before() {
    let Some(mut gateway) = Box::with_packages().await else { return };
    let good = fs::read(&gateway.packaged).unwrap();
    let mut foreign = good.clone();
    // The processor, in the ELF header.
    foreign[18] ^= 1;
    let ends = if fs::exists("/bin/false").unwrap() { "/bin/false" } else { "/usr/bin/false" };
    let bad: [(&str, Vec<u8>); 4] = [
        ("ends at once", fs::read(ends).unwrap()),
        ("another processor's", foreign),
        ("without its interpreter", b"#!/nowhere/interpreter\n".to_vec()),
        ("empty", Vec::new()),
    ];
    for (number, (name, program)) in bad.iter().enumerate() {
        let text = format!("1.9.{number}");
        gateway.publish_package(&text, program);
        let before = gateway.ends.len() + gateway.not_started;
        gateway.upgrade_to(&text, program, Outcome::RolledBack).await;
        gateway.until("the agent of before runs", Box::runs_packaged).await;
        assert!(gateway.runs().is_some_and(|runs| runs == good), "{name}");
        assert_eq!(gateway.ends.len() + gateway.not_started - before, 3, "{name}: starts");
        let (_, reason) = gateway.journal().refused.unwrap();
        assert!(reason.contains("started 3 times"), "{name}: {reason}");
        gateway
            .until("the cloud knows", |gateway| gateway.cloud_knows(magmad::agent::VERSION, "rolled_back"))
            .await;
        assert!(!gateway.layout.guard().exists(), "{name}");
    }

    // And a good one stays.
    let next = [&good[..], b"\nbuilt as 1.10.0\n"].concat();
    gateway.publish_package("1.10.0", &next);
    gateway.upgrade_to("1.10.0", &next, Outcome::Healthy).await;
    assert!(gateway.runs().is_some_and(|runs| runs == next));
    assert!(!gateway.layout.guard().exists());
}
