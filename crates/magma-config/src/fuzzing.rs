//! What must hold for any octets that stand where a gateway's files should: for fuzz/, and for the test below.

use std::fs;
use std::io;
use std::path::Path;

use crate::mconfig::GatewayMconfig;
use crate::yaml::NODES_MAX;
use crate::{Paths, inspect, yaml_to_json};

/// The files that [`inspect`] reads, and their overrides.
const FILES: [&str; 11] = [
    "etc/magma/magmad.yml",
    "etc/magma/control_proxy.yml",
    "etc/magma/service_registry.yml",
    "etc/magma/streamer.yml",
    "etc/magma/eventd.yml",
    "etc/magma/state.yml",
    "etc/magma/directoryd.yml",
    "etc/magma/ctraced.yml",
    "etc/magma/redis.yml",
    "var/opt/magma/configs/magmad.yml",
    "var/opt/magma/configs/control_proxy.yml",
];

/// Octets that one octet of a document may become: indentation by 4 at each of 128 levels, which is as deep as it goes.
const GROWTH_MAX: usize = 2048;

/// A `gateway.mconfig`: read, asked for everything that the agent asks, written and read again.
pub fn mconfig(bytes: &[u8]) {
    let Ok(mconfig) = GatewayMconfig::parse(bytes) else { return };
    mconfig.magmad().ok();
    let _ = (mconfig.shared(), mconfig.created_at(), mconfig.digest(), mconfig.digests());
    let written = mconfig.to_json();
    assert!(written.len() <= 256 + GROWTH_MAX * bytes.len(), "{} octets of {}", written.len(), bytes.len());
    let again = GatewayMconfig::parse(written.as_bytes()).expect("what was written can be read");
    assert!(again.changed_keys(&mconfig).is_empty(), "it changed on its way: {written}");
}

/// Makes a folder for [`yaml`]: all files of a gateway, which are one file by many names.
///
/// # Errors
/// When it cannot be written to.
pub fn gateway_folder(root: &Path) -> io::Result<()> {
    let first = root.join(FILES[0]);
    for file in FILES {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        if path == first { fs::write(path, "")? } else { fs::hard_link(&first, path)? }
    }
    Ok(())
}

/// Any of the YAML files of a gateway, in a folder of [`gateway_folder`].
pub fn yaml(root: &Path, bytes: &[u8]) {
    fs::write(root.join(FILES[0]), bytes).expect("the folder is there");
    let (config, problems) = inspect(&Paths::under(root));
    // Every value may have something wrong with it in every file, and what is missing is said too.
    let most = FILES.len() * (100 + NODES_MAX);
    assert!(problems.len() <= most, "{} problems of {} octets", problems.len(), bytes.len());
    assert!(config.magmad.magma_services.len() <= NODES_MAX);
}

/// A YAML document that is no file of a gateway: a schema of events.
pub fn schema(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        yaml_to_json(text).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_damaged_gateway_mconfigs_are_read_or_refused() {
        magma_mutations::replay("mconfig", mconfig);
    }

    #[test]
    fn ten_thousand_damaged_yaml_documents_are_read_or_refused() {
        magma_mutations::replay("yaml", schema);
    }

    /// As many times eleven files.
    #[test]
    fn damaged_files_of_a_gateway_are_read_or_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        gateway_folder(folder.path()).expect("it can be written to");
        magma_mutations::replay_rounds("yaml", 2500, |bytes| yaml(folder.path(), bytes));
    }
}
