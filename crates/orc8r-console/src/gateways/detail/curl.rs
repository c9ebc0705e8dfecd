//! The line for a shell that asks the API for the same.

use axum::http::{HeaderMap, Method};
use maud::{Markup, html};
use serde_json::Value;

/// How the API is asked for it.
pub(super) fn line(headers: &HeaderMap, method: &Method, path: &str, body: Option<&Value>) -> String {
    let host = headers.get("host").and_then(|host| host.to_str().ok()).filter(|host| is_host(host));
    let url = format!("https://{}/magma/v1{path}", host.unwrap_or("controller:9443"));
    let mut line = format!(
        "curl --cert admin_operator.pem --key admin_operator.key.pem --cacert rootCA.pem -X {method} {}",
        quoted(&url)
    );
    if let Some(body) = body {
        line += &format!(" -H 'content-type: application/json' -d {}", quoted(&body.to_string()));
    }
    line
}

/// The line, to be copied.
pub(super) fn show(id: &str, line: &str) -> Markup {
    html! {
        details.curl {
            summary { "The same with curl" }
            div.command {
                pre tabindex="0" id=(id) { (line) }
                button type="button" data-copy=(id) hidden { "Copy" }
            }
        }
    }
}

fn is_host(host: &str) -> bool {
    host.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | ':' | '[' | ']'))
}

/// A text as one argument of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_in_the_line_is_the_shells() {
        let mut headers = HeaderMap::new();
        headers.insert("host", "orc8r.example:9443".parse().unwrap());
        let body = json!({"command": "it's $(reboot)"});
        let line = line(&headers, &Method::POST, "/networks/n1/gateways/g1/command/generic", Some(&body));
        assert!(
            line.contains(
                "-X POST 'https://orc8r.example:9443/magma/v1/networks/n1/gateways/g1/command/generic'"
            ),
            "{line}"
        );
        assert!(line.ends_with(r#"-d '{"command":"it'\''s $(reboot)"}'"#), "{line}");
        headers.insert("host", "a;b".parse().unwrap());
        assert!(super::line(&headers, &Method::GET, "/x", None).contains("https://controller:9443/"));
    }
}
