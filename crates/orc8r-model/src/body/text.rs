//! Bodies that are one bare JSON text: names, descriptions, ids, versions.

use super::Body;
use crate::{Checks, GatewayId, TierId};
use serde::{Deserialize, Serialize};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, |$value:ident, $checks:ident| $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl Body for $name {
            fn check(&self, $checks: &mut Checks) {
                let $value = self.0.as_str();
                $check
            }
        }
    };
}

text!(
    /// The type of a network; any text.
    NetworkType, |_value, _checks| ()
);
text!(
    /// The name of a network; not empty.
    NetworkName, |value, checks| checks.not_empty("network_name", value)
);
text!(
    /// The description of a network; not empty.
    NetworkDescription, |value, checks| checks.not_empty("network_description", value)
);
text!(
    /// The name of a gateway; not empty.
    GatewayName, |value, checks| checks.not_empty("gateway_name", value)
);
text!(
    /// The description of a gateway; not empty.
    GatewayDescription, |value, checks| checks.not_empty("gateway_description", value)
);
text!(
    /// The name of a tier; any text.
    TierName, |_value, _checks| ()
);
text!(
    /// The software version of a tier; not empty.
    TierVersion, |value, checks| checks.not_empty("tier_version", value)
);
text!(
    /// The id of a tier.
    TierIdText, |value, checks| checks.required_id("tier_id", value, TierId::matches, TierId::PATTERN)
);
text!(
    /// The id of a gateway.
    GatewayIdText, |value, checks| checks.required_id("gateway_id", value, GatewayId::matches, GatewayId::PATTERN)
);
