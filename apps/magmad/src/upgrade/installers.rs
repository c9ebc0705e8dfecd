//! The installer that `upgrader_factory` chooses, with the places that Magma's gateways have.

use std::path::Path;

use magma_config::{GatewayConfig, Paths, UpgradeKind};
use magma_upgrade::deb::Deb;
use magma_upgrade::installer::Installer;
use magma_upgrade::oci::Oci;

use super::start::Process;

/// Magma's file of versions beside its compose files.
const COMPOSE_ENVIRONMENT: &str = "/var/opt/magma/docker/.env";
const DOCKER_SOCKET: &str = "/var/run/docker.sock";
/// The gateway's logins for registries, as `docker --config /etc/magma/docker login` leaves them.
const DOCKER_LOGINS: &str = "/etc/magma/docker/config.json";
/// Here since systemd has it so: a machine that systemd runs.
const SYSTEMD: &str = "/run/systemd/system";
const IN_A_UNIT: [&str; 6] = ["systemd-run", "--wait", "--collect", "--quiet", "--unit=magma-upgrade", "--"];
/// The program that runs, also when its file has been replaced.
const OWN_PROGRAM: &str = "/proc/self/exe";
/// The name of the agent's own container, which it cannot replace.
const OWN_CONTAINER: &str = "magmad";

/// The installer.
///
/// # Errors
/// In words for the operator, when none is chosen or it cannot work here.
pub(super) fn installer(
    config: &GatewayConfig,
    paths: &Paths,
    process: &Process,
) -> Result<Installer, String> {
    let factory = config.magmad.upgrader.as_ref().ok_or("magmad.yml has no upgrader_factory")?;
    match factory.kind {
        None => Err("upgrader_factory in magmad.yml has no kind: write self, deb or oci".to_owned()),
        Some(UpgradeKind::Program) if process.can_start_again() => Ok(Installer::Slots),
        Some(UpgradeKind::Program) => {
            Err("this program contains magmad and is not magmad itself, so it cannot replace itself"
                .to_owned())
        }
        Some(UpgradeKind::Packages) => {
            let program = process.can_start_again().then(|| OWN_PROGRAM.into());
            Ok(Installer::Deb(Deb { program, ..packages(paths, factory.package.clone()) }))
        }
        Some(UpgradeKind::Images) => {
            let place = |path: &str| paths.resolve(Path::new(path));
            let oci = Oci::new(place(DOCKER_SOCKET), place(COMPOSE_ENVIRONMENT), OWN_CONTAINER);
            Ok(Installer::Oci(oci.with_logins(vec![place(DOCKER_LOGINS)])))
        }
    }
}

/// dpkg of the machine below the configuration's root.
///
/// A package's script restarts the agent, and systemd ends everything that the agent started with it; so dpkg runs in a
/// unit of its own, which goes on.
pub(super) fn packages(paths: &Paths, package: String) -> Deb {
    let (mut install, mut query, mut busy) = (words(&["dpkg"]), words(&["dpkg-query"]), Vec::new());
    if paths.root() != Path::new("/") {
        let root = format!("--root={}", paths.root().display());
        install.extend([root.clone(), "--force-not-root".to_owned(), "--log=/dev/null".to_owned()]);
        query.push(root);
    }
    if has_systemd(paths) {
        install.splice(..0, words(&IN_A_UNIT));
        busy = words(&["systemctl", "is-active", "--quiet", "magma-upgrade.service"]);
    }
    Deb { package, install, query, busy, program: None }
}

/// Whether systemd runs this machine.
pub(super) fn has_systemd(paths: &Paths) -> bool {
    paths.resolve(Path::new(SYSTEMD)).is_dir()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
