//! What was asked for, checked.

use std::time::Duration;

use wire_orc8r::orc8r::StartTraceRequest;

/// The longest filter in bytes.
pub const FILTER_BYTES_MAX: usize = 1024;
/// The longest trace id in bytes.
pub const TRACE_ID_BYTES_MAX: usize = 256;
/// How long a trace runs when the request does not say.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(300);
/// The longest trace.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(24 * 3600);

/// A trace that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) trace_id: String,
    pub(crate) timeout: Duration,
    /// In pcap's language.
    pub(crate) capture_filters: Option<String>,
    /// In Wireshark's language.
    pub(crate) display_filters: Option<String>,
}

impl Order {
    /// Magma-compat: the type of trace, the IMSI, protocol and interface of the request are for the cloud, which makes
    /// the filters of them.
    ///
    /// # Errors
    /// What is wrong with the request, in words.
    pub(crate) fn of(request: StartTraceRequest) -> Result<Self, String> {
        let StartTraceRequest { trace_id, timeout, capture_filters, display_filters, .. } = request;
        if trace_id.is_empty() || trace_id.len() > TRACE_ID_BYTES_MAX {
            return Err(format!("trace_id must have 1 to {TRACE_ID_BYTES_MAX} bytes"));
        }
        let timeout = match timeout {
            0 => TIMEOUT_DEFAULT,
            seconds => Duration::from_secs(seconds.into()),
        };
        if timeout > TIMEOUT_MAX {
            return Err(format!("timeout must be at most {} seconds", TIMEOUT_MAX.as_secs()));
        }
        let capture_filters = filter("capture_filters", capture_filters)?;
        let display_filters = filter("display_filters", display_filters)?;
        Ok(Self { trace_id, timeout, capture_filters, display_filters })
    }
}

/// A filter is one argument behind its option, so that it cannot become an option itself; one that looks like an option
/// is refused all the same, since no filter begins so.
fn filter(field: &str, text: String) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > FILTER_BYTES_MAX {
        return Err(format!("{field} must have at most {FILTER_BYTES_MAX} bytes"));
    }
    if text.starts_with('-') {
        return Err(format!("{field} must not begin with `-`: no filter does"));
    }
    if text.contains(char::is_control) {
        return Err(format!("{field} must not contain control characters"));
    }
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(capture: &str, display: &str) -> StartTraceRequest {
        StartTraceRequest {
            trace_id: "t1".into(),
            timeout: 60,
            capture_filters: capture.into(),
            display_filters: display.into(),
            ..Default::default()
        }
    }

    #[test]
    fn filters_are_optional_and_trimmed() {
        let order = Order::of(request(" sctp port 36412 ", "")).unwrap();
        assert_eq!(order.capture_filters.as_deref(), Some("sctp port 36412"));
        assert_eq!((order.display_filters, order.timeout), (None, Duration::from_secs(60)));
        let order = Order::of(StartTraceRequest { timeout: 0, ..request("", "") }).unwrap();
        assert_eq!(order.timeout, TIMEOUT_DEFAULT);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_the_name_of_its_field() {
        let long = "x".repeat(FILTER_BYTES_MAX + 1);
        for (name, request, expected) in [
            ("an option", request("-w /etc/passwd", ""), "capture_filters must not begin with `-`"),
            ("an option behind a blank", request("", " -X lua_script:x"), "display_filters must not begin"),
            ("too long", request(&long, ""), "at most 1024 bytes"),
            ("a zero byte", request("a\0b", ""), "control characters"),
            ("a line", request("", "a\nb"), "control characters"),
            ("no id", StartTraceRequest::default(), "trace_id must have"),
            (
                "too much time",
                StartTraceRequest { timeout: u32::MAX, ..request("", "") },
                "at most 86400 seconds",
            ),
        ] {
            let message = Order::of(request).expect_err(name);
            assert!(message.contains(expected), "{name}: {message}");
        }
    }
}
