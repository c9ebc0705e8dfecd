//! `magmad check-config`: tells a person what the agent understands of a gateway's files, and what is wrong with them.
//!
//! It changes no file and calls nobody, so that it can be run beside an agent, and on a copy of a gateway's files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use magma_config::mconfig::MconfigStore;
use magma_config::{ControlProxy, EmbeddedService, GatewayConfig, Magmad, Paths, Problem, Profile, Severity};
use magma_identity::{CertificatePair, ChallengeKey, HardwareId, IdentityError};
use magma_rpc::tls::TrustAnchors;

/// Prints the report, and says whether the agent can run with these files.
///
/// # Errors
/// When `out` cannot be written to.
pub fn run(paths: &Paths, out: &mut dyn Write) -> io::Result<bool> {
    Ok(report(paths, out)?.iter().all(|problem| problem.severity != Severity::Error))
}

/// Prints the report, and returns the problems that it names.
///
/// # Errors
/// When `out` cannot be written to.
pub fn report(paths: &Paths, out: &mut dyn Write) -> io::Result<Vec<Problem>> {
    let (config, mut problems) = magma_config::inspect(paths);
    let mut page = Page { out };
    page.line(&format!("What magmad understands of the files under {}", paths.root().display()))?;
    files(&mut page, &config)?;
    agent(&mut page, &config.magmad)?;
    cloud(&mut page, &config)?;
    identity(&mut page, paths, &config)?;
    registry(&mut page, &config)?;
    problems.extend(managed(&mut page, paths, &config.magmad)?);
    problems.extend(no_root(paths, &config.control_proxy));
    #[cfg(feature = "upgrades")]
    problems.extend(upgrade_keys(paths, &config));
    problems.sort();
    conclusion(&mut page, &problems)?;
    Ok(problems)
}

fn files(page: &mut Page<'_>, config: &GatewayConfig) -> io::Result<()> {
    page.headline("Files that were read")?;
    if config.files.is_empty() {
        return page.line("  none");
    }
    config.files.iter().try_for_each(|file| page.line(&format!("  {}", file.display())))
}

fn agent(page: &mut Page<'_>, magmad: &Magmad) -> io::Result<()> {
    page.headline("Services (magmad.yml)")?;
    page.entry("init system", magmad.init_system.name())?;
    page.list("services", &magmad.magma_services)?;
    page.list("served by magmad itself", magmad.embedded_services.iter().map(|service| service.name()))?;
    page.list("not asked for their state", &magmad.non_service303_services)?;
    page.list("switched by the cloud", &magmad.registered_dynamic_services)?;
    for group in &magmad.linked_services {
        page.entry("restart together", &group.join(", "))?;
    }
    let watched = magmad.services_to_restart.join(", ");
    if !watched.is_empty() {
        let threshold = magmad.restart_timeout_threshold;
        page.entry(
            "restarted when silent",
            &format!("{watched}: after {threshold} polls without an answer"),
        )?;
    }
    page.list("commands for operators", magmad.generic_command.shell_commands.keys())?;
    page.entry("configuration stream", on_or_off(magmad.enable_config_streamer))?;
    page.entry("SyncRPC", on_or_off(magmad.enable_sync_rpc))?;
    if let Some(address) = magmad.metricsd.as_ref().and_then(|metricsd| metricsd.prometheus_listen) {
        page.entry("metrics for Prometheus", &format!("http://{address}/metrics"))?;
    }
    page.entry("upgrades", on_or_off(magmad.enable_upgrade_manager))
}

/// A key that cannot be used would otherwise show only when an upgrade begins.
#[cfg(feature = "upgrades")]
fn upgrade_keys(paths: &Paths, config: &GatewayConfig) -> Option<Problem> {
    let factory = config.magmad.upgrader.as_ref().filter(|_| config.magmad.enable_upgrade_manager)?;
    let message = format!("{}; nothing is upgraded", crate::upgrade::unusable_key(factory, paths)?);
    let file = config.files.iter().find(|file| file.ends_with("magmad.yml"))?.clone();
    let key = "upgrader_factory".to_owned();
    Some(Problem { file, line: None, key, severity: Severity::Warning, message })
}

fn cloud(page: &mut Page<'_>, config: &GatewayConfig) -> io::Result<()> {
    let (proxy, magmad) = (&config.control_proxy, &config.magmad);
    page.headline("Cloud (control_proxy.yml)")?;
    page.entry("controller", &address(&proxy.cloud_address, proxy.cloud_port))?;
    page.entry("bootstrapper", &address(&proxy.bootstrap_address, proxy.bootstrap_port))?;
    let own_proxy = magmad.embedded_services.contains(&EmbeddedService::ControlProxy);
    let mode = match proxy.proxy_cloud_connections {
        true if own_proxy => "one for all services, shared with the embedded control proxy".to_owned(),
        true => format!("through the control proxy at port {}", proxy.local_port),
        false if magmad.profile == Profile::LowBandwidth => "directly, one for all services".to_owned(),
        false => "directly, over TLS".to_owned(),
    };
    page.entry("connections", &mode)?;
    if own_proxy {
        page.entry("control proxy", &format!("embedded, at port {}", proxy.local_port))?;
    }
    page.entry("profile", magmad.profile.name())?;
    if proxy.allow_http_proxy {
        page.entry("HTTP proxy", "as https_proxy, http_proxy and no_proxy of magmad's environment say")?;
    }
    if proxy.trust_system_cas {
        page.entry("trusted", "rootca_cert and the authorities of this machine")?;
    }
    Ok(())
}

fn address(host: &str, port: u16) -> String {
    if host.is_empty() { "unknown".to_owned() } else { format!("{host}:{port}") }
}

fn identity(page: &mut Page<'_>, paths: &Paths, config: &GatewayConfig) -> io::Result<()> {
    page.headline("Identity")?;
    let hardware_id = match HardwareId::load(&paths.hardware_id_file()) {
        Ok(id) => id.to_string(),
        Err(error) => missing_or_wrong(error),
    };
    page.entry("hardware id", &hardware_id)?;
    let challenge_key = paths.resolve(&config.magmad.challenge_key);
    let found = match ChallengeKey::load(&challenge_key) {
        Ok(_) => presence(&challenge_key),
        Err(error) => missing_or_wrong(error),
    };
    page.entry("challenge key", &found)?;
    let proxy = &config.control_proxy;
    let [root, cert, key] =
        [&proxy.rootca_cert, &proxy.gateway_cert, &proxy.gateway_key].map(|path| paths.resolve(path));
    page.entry("root certificate", &presence(&root))?;
    page.entry("gateway certificate", &presence(&cert))?;
    page.entry("gateway key", &presence(&key))?;
    if cert.exists() || key.exists() {
        page.entry("certificate and key", &pair(&cert, &key, SystemTime::now()))?;
    }
    Ok(())
}

/// Without the root certificate the agent runs, but its gateway stays alone.
fn no_root(paths: &Paths, proxy: &ControlProxy) -> Option<Problem> {
    let file = paths.resolve(&proxy.rootca_cert);
    let what = match fs::read(&file) {
        Ok(pem) => TrustAnchors::from_pem(&pem).err()?.to_string(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let message = format!("{what}, so this gateway trusts no cloud; copy rootCA.pem of your cloud there");
    Some(Problem { file, line: None, key: String::new(), severity: Severity::Warning, message })
}

fn missing_or_wrong(error: IdentityError) -> String {
    match error {
        IdentityError::Missing { path, .. } => {
            format!("{} is missing; the first start makes it", path.display())
        }
        other => other.to_string(),
    }
}

fn presence(path: &Path) -> String {
    let word = if path.exists() { "is there" } else { "is missing" };
    format!("{} {word}", path.display())
}

/// What there is to say of the pair, in words.
fn pair(cert: &Path, key: &Path, now: SystemTime) -> String {
    let pair = match CertificatePair::peek(cert, key) {
        Ok(pair) => pair,
        Err(error) => return error.to_string(),
    };
    let time = if let Ok(early) = pair.not_before().duration_since(now) {
        format!("not valid for another {}; check the clock", hours(early))
    } else {
        match pair.not_after().duration_since(now) {
            Ok(left) => format!("valid for another {}", hours(left)),
            Err(late) => format!("expired {} ago", hours(late.duration())),
        }
    };
    format!("belong together, for {}, {time}", pair.common_name())
}

fn hours(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    format!("{} h {} min", minutes / 60, minutes % 60)
}

fn registry(page: &mut Page<'_>, config: &GatewayConfig) -> io::Result<()> {
    page.headline("Addresses of local services (service_registry.yml)")?;
    config
        .registry
        .iter()
        .try_for_each(|(name, address)| page.entry(name, &format!("{}:{}", address.host, address.port)))
}

/// Prints the managed configuration; a document that cannot be used is a warning, since the agent runs without one.
fn managed(page: &mut Page<'_>, paths: &Paths, magmad: &Magmad) -> io::Result<Vec<Problem>> {
    page.headline("Managed configuration (gateway.mconfig)")?;
    let store = MconfigStore::new(paths, magmad);
    let problem = |message: String| Problem {
        file: store.stored_path().to_owned(),
        line: None,
        key: String::new(),
        severity: Severity::Warning,
        message,
    };
    let loaded = match store.peek() {
        Ok(loaded) => loaded,
        Err(error) => {
            page.entry("read from", "nowhere")?;
            return Ok(vec![problem(format!(
                "{error}; magmad runs with defaults until the cloud sends one"
            ))]);
        }
    };
    let mconfig = &loaded.mconfig;
    page.entry("read from", &loaded.path.display().to_string())?;
    page.list("entries", mconfig.keys())?;
    page.list("entries for this gateway", mconfig.filtered(&entries_for(magmad)).keys())?;
    let mut problems: Vec<Problem> = loaded.fell_back.map(problem).into_iter().collect();
    match mconfig.magmad() {
        Ok(own) => {
            let (interval, timeout) = (own.checkin_interval.as_secs(), own.checkin_timeout.as_secs());
            page.entry("check-in", &format!("every {interval} s, with {timeout} s for the answer"))?;
            page.list("switched on by the cloud", &own.dynamic_services)?;
            let on = |(name, on): (&String, &bool)| format!("{name} {}", on_or_off(*on));
            page.list("feature flags", own.feature_flags.iter().map(on))?;
            let without_effect = [
                ("images", !own.images.is_empty(), "a version's signed manifest names its images"),
                ("tier_id", !own.tier_id.is_empty(), "a gateway learns what its tier says, not its name"),
            ];
            let told =
                without_effect.into_iter().filter(|(_, given, _)| *given).map(|(field, _, reason)| Problem {
                    file: loaded.path.clone(),
                    key: format!("magmad.{field}"),
                    severity: Severity::NoEffect,
                    ..problem(format!("has no effect, as with Magma's own agents: {reason}"))
                });
            problems.extend(told);
        }
        Err(error) => problems.push(Problem { file: loaded.path, ..problem(error.to_string()) }),
    }
    Ok(problems)
}

/// The entries that concern this gateway: its services', the agent's own, and the one that all share.
fn entries_for(magmad: &Magmad) -> BTreeSet<String> {
    let services = magmad.magma_services.iter().chain(&magmad.registered_dynamic_services).cloned();
    services.chain(["magmad".to_owned(), "shared_mconfig".to_owned()]).collect()
}

fn conclusion(page: &mut Page<'_>, problems: &[Problem]) -> io::Result<()> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    let (errors_counted, warnings_counted) =
        (counted(errors, "error"), counted(problems.len() - errors, "warning"));
    page.headline(&format!("Problems: {errors_counted}, {warnings_counted}"))?;
    for problem in problems {
        page.line(&format!("  {problem}"))?;
    }
    page.line("")?;
    match errors {
        0 => page.line("magmad can run with these files."),
        _ => page.line("magmad cannot run with these files: mend the errors above."),
    }
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// The report as it grows.
struct Page<'a> {
    out: &'a mut dyn Write,
}

impl Page<'_> {
    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")
    }

    fn headline(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "\n{text}")
    }

    fn entry(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "  {name:<26} {value}")
    }

    /// A list with its length; nothing for an empty one.
    fn list<T: AsRef<str>>(&mut self, name: &str, items: impl IntoIterator<Item = T>) -> io::Result<()> {
        let items: Vec<String> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
        match items.len() {
            0 => Ok(()),
            count => self.entry(name, &format!("{count}: {}", items.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests;
