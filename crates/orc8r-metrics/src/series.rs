//! Samples, who measured them, and names in the form that Prometheus accepts.

use wire_orc8r::orc8r::MetricLabelName;

/// Who measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source {
    /// The network; empty for the Orchestrator itself.
    pub network: String,
    /// The gateway's id in the network; empty for what is no gateway.
    pub gateway: String,
}

/// One value at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The value.
    pub value: f64,
    /// When the gateway measured it, in milliseconds since 1970.
    pub time_ms: i64,
}

/// The name with every letter that Prometheus refuses replaced by `_`, and `_` before a leading digit.
///
/// Magma-compat: the gateway's collector sends a family named `60`, which dashboards know as `_60`.
pub(crate) fn metric_name(name: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    let mut clean = String::with_capacity(name.len() + 1);
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        clean.push('_');
    }
    clean.extend(name.chars().map(|letter| if allowed(letter) { letter } else { '_' }));
    (!clean.is_empty()).then_some(clean)
}

/// The name of a label; `None` for one that Prometheus refuses, or keeps for itself.
///
/// Older gateways send the number of Magma's enum of label names instead of the name.
pub(crate) fn label_name(name: &str) -> Option<String> {
    if let Ok(number) = name.parse::<i32>() {
        return MetricLabelName::try_from(number).ok().map(|name| name.as_str_name().to_owned());
    }
    let is_valid = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !name.starts_with("__");
    is_valid.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metric_names_become_what_prometheus_accepts() {
        for (sent, shown) in [
            ("cpu_percent", Some("cpu_percent")),
            ("60", Some("_60")),
            ("a.b-c d", Some("a_b_c_d")),
            ("ns:rule", Some("ns:rule")),
            ("größe", Some("gr__e")),
            ("", None),
        ] {
            assert_eq!(metric_name(sent).as_deref(), shown, "{sent}");
        }
    }

    #[test]
    fn label_names_are_decoded_taken_or_dropped() {
        for (sent, shown) in [
            ("service", Some("service")),
            ("5", Some("host")),
            ("18", Some("imsi")),
            ("999", None),
            ("a-b", None),
            ("__name__", None),
            ("9a", None),
            ("", None),
        ] {
            assert_eq!(label_name(sent).as_deref(), shown, "{sent}");
        }
    }
}
