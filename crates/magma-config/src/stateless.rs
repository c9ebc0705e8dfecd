//! Whether an access gateway keeps its state in redis ("stateless" processes) or in its processes, and switching that.
//!
//! Four keys in three services' files say it together; any other combination of them is neither one nor the other.

use crate::block::Report;
use crate::override_file::{self, OverrideError};
use crate::value::boolean;
use crate::{Paths, layers};

/// Service, key, and what the key is on a stateless gateway; on the other kind it is the opposite.
const KEYS: [(&str, &str, bool); 4] = [
    ("mme", "use_stateless", true),
    ("pipelined", "clean_restart", false),
    ("pipelined", "redis_enabled", true),
    ("sessiond", "support_stateless", true),
];

/// How an access gateway is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgwMode {
    /// Processes can be restarted without losing sessions.
    Stateless,
    /// They cannot.
    Stateful,
    /// The files contradict each other.
    Corrupt,
}

/// Why the mode could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum StatelessError {
    /// One of the services has no file.
    #[error("there is no {service}.yml: this is no access gateway")]
    NoAccessGateway {
        /// The service.
        service: &'static str,
    },
    /// A file was not changed. The ones before it were.
    #[error(transparent)]
    Override(#[from] OverrideError),
}

/// How this gateway is configured: base files with their overrides on top. A key that is missing counts as False.
///
/// # Errors
/// When one of the services has no file.
pub fn mode(paths: &Paths) -> Result<AgwMode, StatelessError> {
    let mut stateless = Vec::new();
    for (service, key, when_stateless) in KEYS {
        stateless.push(value(paths, service, key)? == when_stateless);
    }
    Ok(match stateless.iter().filter(|yes| **yes).count() {
        0 => AgwMode::Stateful,
        count if count == KEYS.len() => AgwMode::Stateless,
        _ => AgwMode::Corrupt,
    })
}

/// Makes this gateway stateless or stateful, by the override files; the services see it when they restart.
///
/// # Errors
/// When a file is missing or cannot be changed. What was written before that stays; doing it again completes it.
pub fn configure(paths: &Paths, stateless: bool) -> Result<(), StatelessError> {
    for (service, key, _) in KEYS {
        value(paths, service, key)?;
    }
    for (service, key, when_stateless) in KEYS {
        let value = if when_stateless == stateless { "True" } else { "False" };
        override_file::set(paths, service, &[(key, value)])?;
    }
    Ok(())
}

fn value(paths: &Paths, service: &'static str, key: &str) -> Result<bool, StatelessError> {
    let report = Report::default();
    let mut layers = layers::read(paths, service, &report);
    if layers.files.is_empty() {
        return Err(StatelessError::NoAccessGateway { service });
    }
    Ok(layers.block.take(key).is_some_and(|field| boolean(&field.node).unwrap_or(false)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A gateway with these files below its root.
    fn gateway(files: &[(&str, &str)]) -> (TempDir, Paths) {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let paths = Paths::under(root.path());
        (root, paths)
    }

    const STATEFUL: [(&str, &str); 3] = [
        ("etc/magma/mme.yml", "use_stateless: False\nlog_level: INFO\n"),
        ("etc/magma/pipelined.yml", "clean_restart: True\nredis_enabled: False\n"),
        ("etc/magma/sessiond.yml", "support_stateless: false\n"),
    ];

    #[test]
    fn the_mode_is_what_all_files_say_together() {
        type Files<'a> = &'a [(&'a str, &'a str)];
        let rows: [(&str, Files<'_>, AgwMode); 4] = [
            ("as shipped", &[], AgwMode::Stateful),
            (
                "one override only",
                &[("var/opt/magma/configs/mme.yml", "use_stateless: True\n")],
                AgwMode::Corrupt,
            ),
            (
                "all overridden",
                &[
                    ("var/opt/magma/configs/mme.yml", "use_stateless: True\n"),
                    ("var/opt/magma/configs/pipelined.yml", "clean_restart: no\nredis_enabled: on\n"),
                    ("var/opt/magma/configs/sessiond.yml", "support_stateless: True\n"),
                ],
                AgwMode::Stateless,
            ),
            ("not a switch", &[("var/opt/magma/configs/mme.yml", "use_stateless: 7\n")], AgwMode::Stateful),
        ];
        for (name, overrides, expected) in rows {
            let files: Vec<_> = STATEFUL.iter().chain(overrides).copied().collect();
            let (_root, paths) = gateway(&files);
            assert_eq!(mode(&paths).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn it_is_switched_on_and_off_and_other_keys_stay() {
        let mut files = STATEFUL.to_vec();
        files.push(("var/opt/magma/configs/mme.yml", "s1ap_iface_name: eth1\n"));
        let (root, paths) = gateway(&files);
        for (stateless, expected) in
            [(true, AgwMode::Stateless), (true, AgwMode::Stateless), (false, AgwMode::Stateful)]
        {
            configure(&paths, stateless).unwrap();
            assert_eq!(mode(&paths).unwrap(), expected);
        }
        let mme = fs::read_to_string(root.path().join("var/opt/magma/configs/mme.yml")).unwrap();
        assert_eq!(mme, "s1ap_iface_name: eth1\nuse_stateless: False\n");
        let base = fs::read_to_string(root.path().join("etc/magma/mme.yml")).unwrap();
        assert_eq!(base, STATEFUL[0].1, "base files are the packages'");
    }

    #[test]
    fn a_gateway_without_these_services_is_told_so_and_left_alone() {
        let (root, paths) = gateway(&STATEFUL[..1]);
        assert_eq!(
            mode(&paths).unwrap_err().to_string(),
            "there is no pipelined.yml: this is no access gateway"
        );
        assert!(configure(&paths, true).is_err());
        assert!(!root.path().join("var").exists());
    }
}
