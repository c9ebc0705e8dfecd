//! The services of a gateway as its configuration has them.

use std::path::Path;

use magma_config::{GatewayConfig, InitSystem, Magmad, Paths};
use magma_service303::CounterFamily;

use super::{
    Docker, ProcessSupervisor, Script, ScriptKind, ServiceController, ServiceNames, ServiceWatch, Services,
    Supervision, Systemd,
};

/// Where the output of child processes goes.
const LOG_DIR: &str = "/var/opt/magma/log";

/// The agent's own name: its log may be read as a service's may.
pub(super) const OWN_NAME: &str = "magmad";

impl Services {
    /// The services that `config` names, none of them started. `launcher` is put in front of the commands of child
    /// processes (see [`super::launcher`]; it may be empty); `unexpected_restarts` counts by service name.
    pub fn configured(
        config: &GatewayConfig,
        paths: &Paths,
        launcher: Vec<String>,
        unexpected_restarts: CounterFamily<1>,
    ) -> Self {
        let magmad = &config.magmad;
        let watch = ServiceWatch::new(
            &magmad.linked_services,
            &magmad.services_to_restart,
            magmad.restart_timeout_threshold,
        );
        let names = ServiceNames {
            fixed: magmad.magma_services.clone(),
            dynamic: magmad.registered_dynamic_services.clone(),
            embedded: magmad.embedded_services.iter().map(|service| service.name().to_owned()).collect(),
            unasked: config.unasked_services(),
            logged: config
                .registry
                .iter()
                .map(|(name, _)| name)
                .chain([OWN_NAME])
                .map(str::to_owned)
                .collect(),
        };
        Self::new(controller(magmad, paths, launcher), names, watch, unexpected_restarts)
    }
}

fn controller(magmad: &Magmad, paths: &Paths, launcher: Vec<String>) -> ServiceController {
    let script = |kind| ServiceController::Script(Script::system(kind));
    match magmad.init_system {
        InitSystem::Systemd => ServiceController::Systemd(Systemd::system()),
        InitSystem::Docker => ServiceController::Docker(Docker::system(magmad.magma_services.clone())),
        InitSystem::Runit => script(ScriptKind::Runit),
        InitSystem::Initd => script(ScriptKind::Initd),
        InitSystem::Procd => script(ScriptKind::Procd),
        InitSystem::Process => ServiceController::Process(ProcessSupervisor::new(
            magmad.service_commands.clone(),
            paths.resolve(Path::new(LOG_DIR)),
            launcher,
            Supervision::default(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_service303::Registry;
    use std::fs;

    const MAGMAD: &str = "magma_services: [mme, redis]\n\
                          non_service303_services: [redis]\n\
                          registered_dynamic_services: [monitord]\n\
                          bootstrap_config:\n  challenge_key: /var/opt/magma/certs/gw_challenge.key\n\
                          service_commands:\n  mme: [/bin/sh, -c, 'echo up; exec sleep 1000']\n";

    fn configured(init_system: &str) -> (tempfile::TempDir, Services) {
        let root = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(root.path().join(name), text).expect("written");
        write("magmad.yml", &format!("{MAGMAD}init_system: {init_system}\n"));
        write("service_registry.yml", "services:\n  enodebd: {ip_address: 127.0.0.1, port: 60055}\n");
        write("control_proxy.yml", "cloud_address: controller.magma.test\n");
        let paths = Paths::under(root.path());
        let (config, _) = magma_config::inspect(&paths);
        let restarts = Registry::new().counter_family("unexpected_service_restarts", ["service_name"]);
        (root, Services::configured(&config, &paths, Vec::new(), restarts))
    }

    #[tokio::test]
    async fn children_run_and_their_log_is_under_the_root() {
        let (root, services) = configured("process");
        let outcome = services.start_all().await;
        assert_eq!(outcome.done, ["mme"]);
        assert!(outcome.to_string().contains("service_commands in magmad.yml does not name it"), "{outcome}");
        services.own_log().expect("kept").write("the agent says\n");
        let mut own = services.tail_logs("magmad").expect("known");
        assert_eq!(own.next().await.expect("a line").expect("no error"), "the agent says\n");
        let mut log = services.tail_logs("mme").expect("known");
        assert_eq!(log.next().await.expect("a line").expect("no error"), "up\n");
        let kept = fs::read_to_string(root.path().join("var/opt/magma/log/mme.log")).expect("the log");
        assert_eq!(kept, "up\n");
    }

    #[test]
    fn names_come_from_the_three_lists_and_the_registry() {
        let (_root, services) = configured("systemd");
        assert_eq!(services.current().into_iter().collect::<Vec<_>>(), ["mme", "redis"]);
        assert_eq!(services.asked().into_iter().collect::<Vec<_>>(), ["mme"]);
    }

    #[test]
    fn what_the_agent_serves_itself_is_asked_only_where_the_registry_has_an_address() {
        let addresses = [("td-agent-bit", 50090), ("eventd", 50075)];
        let registry = |names: &[&str]| {
            let named = addresses.iter().filter(|(name, _)| names.contains(name));
            let line =
                |(name, port): &(&str, u16)| format!("  {name}: {{ip_address: 127.0.0.1, port: {port}}}\n");
            format!(
                "services:\n  magmad: {{ip_address: 127.0.0.1, port: 1}}\n{}",
                named.map(line).collect::<String>()
            )
        };
        for (registered, unanswering, asked) in [
            (vec![], "", vec![]),
            (vec!["eventd"], "", vec!["eventd"]),
            (vec!["eventd", "td-agent-bit"], "", vec!["eventd", "td-agent-bit"]),
            (vec!["eventd", "td-agent-bit"], "td-agent-bit", vec!["eventd"]),
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let write = |name: &str, text: &str| fs::write(root.path().join(name), text).expect("written");
            let lists = "magma_services: [eventd, td-agent-bit]\nembedded_services: [eventd, td-agent-bit]\n";
            write("magmad.yml", &format!("{lists}non_service303_services: [{unanswering}]\n"));
            write("service_registry.yml", &registry(&registered));
            let paths = Paths::under(root.path());
            let (config, problems) = magma_config::inspect(&paths);
            let restarts = Registry::new().counter_family("unexpected_service_restarts", ["service_name"]);
            let services = Services::configured(&config, &paths, Vec::new(), restarts);
            assert_eq!(services.asked().into_iter().collect::<Vec<_>>(), asked, "{registered:?}");
            let of_forwarder = problems.iter().any(|problem| problem.message.contains("td-agent-bit"));
            assert!(!of_forwarder, "{registered:?}: {problems:?}");
        }
    }

    #[tokio::test]
    async fn logs_of_the_registrys_services_and_of_the_agent_may_be_read() {
        let (_root, services) = configured("process");
        for known in ["monitord", "enodebd", "magmad", ""] {
            assert!(services.tail_logs(known).is_ok(), "{known}");
        }
        assert!(services.tail_logs("sshd").is_err());
    }
}
