//! `magmad show`: what an operator needs to register this gateway in a cloud.

use magma_config::Paths;
use magma_identity::gateway_info::{BuildInfo, go_format, python_format};
use magma_identity::{ChallengeKey, HardwareId, IdentityError};

/// Which of the two existing texts is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// That of `show_gateway_info.py`.
    Python,
    /// That of the Go agent's `-show`.
    Go,
}

/// The hardware id and the public challenge key in base64, both of which are made if this gateway has none yet.
///
/// # Errors
/// When one of them cannot be read or made.
pub fn identity(paths: &Paths) -> Result<(HardwareId, String), IdentityError> {
    // Deviation: Magma's Python script only reads them, and fails before the agent's first start.
    let hardware_id = HardwareId::load_or_create(&paths.hardware_id_file())?;
    // A gateway may be shown before its configuration is right: only the key's path counts, and it has a default.
    let (config, _) = magma_config::inspect(paths);
    let key = ChallengeKey::load_or_create(&paths.resolve(&config.magmad.challenge_key))?;
    Ok((hardware_id, key.public_key_base64()))
}

/// The text in one of the existing formats.
pub fn text(hardware_id: &HardwareId, challenge_key: &str, format: Format, build: &BuildInfo) -> String {
    match format {
        Format::Python => python_format(hardware_id, challenge_key, build),
        Format::Go => go_format(hardware_id, challenge_key, build),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn show(paths: &Paths, format: Format) -> Result<String, IdentityError> {
        let (hardware_id, key) = identity(paths)?;
        Ok(text(&hardware_id, &key, format, &BuildInfo::default()))
    }

    #[test]
    fn both_formats_show_the_same_identity_which_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let paths = Paths::under(root.path());
        let python = show(&paths, Format::Python).unwrap();
        let id = fs::read_to_string(root.path().join("etc/snowflake")).unwrap();
        assert!(root.path().join("var/opt/magma/certs/gw_challenge.key").exists());
        let go = show(&paths, Format::Go).unwrap();
        assert!(python.starts_with(&format!("\nHardware ID\n-----------\n{id}\nChallenge key\n")));
        assert!(go.starts_with(&format!("\nHardware ID:\n------------\n{id}\nChallenge Key:\n")));
        let key = |text: &str| {
            text.lines().find(|line| line.starts_with("MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE")).map(str::to_owned)
        };
        assert_eq!(key(&python).unwrap(), key(&go).unwrap());
    }

    #[test]
    fn the_configured_path_counts_even_beside_mistakes() {
        let root = tempfile::tempdir().unwrap();
        let yml =
            "bootstrap_config: {challenge_key: /etc/magma/certs/gw_challenge.key}\ninit_system: nonsense\n";
        fs::create_dir_all(root.path().join("etc/magma")).unwrap();
        fs::write(root.path().join("etc/magma/magmad.yml"), yml).unwrap();
        show(&Paths::under(root.path()), Format::Python).unwrap();
        assert!(root.path().join("etc/magma/certs/gw_challenge.key").exists());
        assert!(!root.path().join("var").exists());
    }

    #[test]
    fn rubbish_is_an_error_and_stays() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::write(root.path().join("etc/snowflake"), "rubbish").unwrap();
        let error = show(&Paths::under(root.path()), Format::Go).unwrap_err().to_string();
        assert!(error.contains("is not a hardware id"), "{error}");
        assert_eq!(fs::read_to_string(root.path().join("etc/snowflake")).unwrap(), "rubbish");
    }
}
