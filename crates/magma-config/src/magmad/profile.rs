//! `profile`: how much traffic the agent may cause.

use crate::value::word;
use crate::yaml::Node;

/// What the agent's traffic is tuned for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// A link that costs nothing to speak of: Magma's own intervals.
    #[default]
    Standard,
    /// A satellite link, or one that is paid by the byte: long intervals and one connection for all of the cloud.
    LowBandwidth,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Standard, Self::LowBandwidth];

    /// The profile of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Its name in `magmad.yml` and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::LowBandwidth => "low-bandwidth",
        }
    }
}

pub(super) fn parse(node: &Node) -> Result<Profile, String> {
    let name = word(node)?;
    Profile::from_name(&name).ok_or_else(|| format!("is {name}, but must be one of standard, low-bandwidth"))
}
