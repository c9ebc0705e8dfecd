//! The gateway's public identity as text, in the two existing formats that people and scripts already read.

use crate::HardwareId;

/// From which sources this program was built. Empty texts print as unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInfo {
    /// Branch.
    pub branch: String,
    /// Tag.
    pub tag: String,
    /// Hash of the commit.
    pub hash: String,
    /// Date of the commit.
    pub commit_date: String,
    /// Date of the build; only the Go format shows it.
    pub build_date: String,
}

/// The text of `show_gateway_info.py`.
pub fn python_format(hardware_id: &HardwareId, public_key_base64: &str, build: &BuildInfo) -> String {
    let _ = (hardware_id, public_key_base64, build);
    unimplemented!("being written")
}

/// The text of the Go agent's `-show`.
pub fn go_format(hardware_id: &HardwareId, public_key_base64: &str, build: &BuildInfo) -> String {
    let _ = (hardware_id, public_key_base64, build);
    unimplemented!("being written")
}
