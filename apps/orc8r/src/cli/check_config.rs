//! `orc8r check-config`: whether `orc8r serve` would take these options.

use std::collections::BTreeMap;
use std::time::SystemTime;

use anyhow::Result;
use clap::Args;
use orc8r_ca::{CertificateFiles, DomainName};

use super::doctor::report;
use super::output::Output;
use super::serve::{Serve, config};
use crate::config::Config;
use crate::data_folder::DataFolder;
use crate::examination::{self as examine, Finding};
use crate::export;

/// Check the options of `orc8r serve`, which it takes too, and the files that they name; nothing is made or changed
///
/// Exits with 1 when something would keep `serve` from starting.
#[derive(Args)]
pub(super) struct CheckConfigCommand {
    #[command(flatten)]
    serve: Serve,
}

pub(super) async fn run(command: CheckConfigCommand, out: &mut Output) -> Result<()> {
    report(&findings(&config(command.serve)), out)
}

fn findings(config: &Config) -> Vec<Finding> {
    let folder = DataFolder::at(&config.data_dir);
    let mut findings = vec![domain(config, &folder), ports(config)];
    findings.extend(node(config));
    let database = folder.database_or(config.database.as_ref());
    findings.push(match database {
        Ok(database) => Finding::ok("database", database.to_string()),
        Err(error) => Finding::fail("database", error.to_string(), "mend the file in the data folder"),
    });
    findings.extend(config.exports.iter().map(|target| match export::open(target, &config.data_dir) {
        Ok(_) => Finding::ok("export", "its address and files can be used"),
        Err(error) => Finding::fail("export", error.to_string(), "mend --export-to, or the files beside it"),
    }));
    let files = CertificateFiles::under(&folder.certificates());
    if files.certifier_certificate.exists() {
        findings.extend(examine::certificates(&files, SystemTime::now()));
    } else {
        let next = "put existing certificates into its folder certs before, if there are any";
        findings.push(Finding::warn("certificates", "the first start makes them", next));
    }
    findings
}

fn domain(config: &Config, folder: &DataFolder) -> Finding {
    const STEP: &str = "domain";
    let domain = match DomainName::parse(&config.domain) {
        Ok(domain) => domain,
        Err(error) => return Finding::fail(STEP, error.to_string(), "give another --domain"),
    };
    match CertificateFiles::under(&folder.certificates()).domain() {
        Ok(served) if served.to_string() != domain.to_string() => {
            let says = format!("{domain}, but the certificates were made for {served}");
            Finding::warn(STEP, says, "gateways call the domain that they were told when they registered")
        }
        _ => Finding::ok(STEP, domain.to_string()),
    }
}

fn ports(config: &Config) -> Finding {
    const STEP: &str = "ports";
    let listen = &config.listen;
    let doors = [
        ("--listen-gateways", Some(listen.gateways)),
        ("--listen-bootstrap", Some(listen.bootstrap)),
        ("--listen-rest", Some(listen.rest)),
        ("--listen-logs", Some(listen.logs)),
        ("--listen-nodes", config.node.as_ref().map(|node| node.listen)),
        ("--listen-health", config.health),
    ];
    let mut seen = BTreeMap::new();
    for (option, address) in doors {
        let Some(address) = address.filter(|address| address.port() != 0) else { continue };
        if let Some(other) = seen.insert(address, option) {
            return Finding::fail(
                STEP,
                format!("{other} and {option} are both {address}"),
                "choose another port",
            );
        }
    }
    Finding::ok(STEP, "each has one of its own")
}

fn node(config: &Config) -> Option<Finding> {
    let node = config.node.as_ref()?;
    let step = "node";
    Some(match &node.address {
        Some(address) => Finding::ok(step, format!("other nodes call {address}")),
        None if node.listen.ip().is_unspecified() => {
            let says = format!("the other nodes cannot reach this one at {}", node.listen);
            Finding::fail(step, says, "say where they can with --node-address")
        }
        None => Finding::ok(step, format!("other nodes call {}", node.listen)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::NodeConfig;
    use crate::examination::Verdict;

    #[test]
    fn what_would_keep_it_from_starting_is_found() {
        let data = tempfile::tempdir().unwrap();
        let failed = |config: &Config| {
            findings(config).iter().filter(|finding| finding.verdict == Verdict::Fail).count()
        };
        let good = Config::on_loopback(data.path(), "magma.test");
        assert_eq!(failed(&good), 0);
        let mut one = good.clone();
        one.domain = "no domain".to_owned();
        assert_eq!(failed(&one), 1);
        let mut two = good.clone();
        two.listen.rest = ([127, 0, 0, 1], 9443).into();
        two.health = Some(two.listen.rest);
        assert_eq!(failed(&two), 1);
        let mut three = good;
        three.node = Some(NodeConfig { listen: ([0, 0, 0, 0], 9445).into(), address: None });
        assert_eq!(failed(&three), 1);
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "nothing is made");
    }
}
