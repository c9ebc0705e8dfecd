//! What an operator says of his provider, in a JSON file.

use serde::Deserialize;
use std::path::PathBuf;

/// The longest tolerable difference of clocks, in seconds.
const LEEWAY_MAX: i64 = 300;

/// Which provider, and what its claims mean here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The provider's issuer identifier, exactly as it names itself: an `https` URL.
    pub issuer: String,
    /// What the provider calls this Orchestrator.
    pub client_id: String,
    /// The file with the client's secret; without it the client is a public one, which PKCE alone protects.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Where the provider sends browsers back to: `https://HOST:PORT/sign-in/oidc/callback`.
    pub redirect_url: String,
    /// What is asked for besides `openid`.
    #[serde(default = "usual_scopes")]
    pub scopes: Vec<String>,
    /// The claim that names the user here. An `email` counts only when the provider has verified it.
    #[serde(default = "usual_user_claim")]
    pub user_claim: String,
    /// The claim with a text or a list of texts of which roles are made; a dot leads into an object.
    #[serde(default = "usual_role_claim")]
    pub role_claim: String,
    /// What its texts mean. Who has none of them is not let in.
    pub roles: Vec<RoleRule>,
    /// A file with the authorities that the provider's certificate may come from; without it the system's.
    #[serde(default)]
    pub authorities: Option<PathBuf>,
    /// How far the clocks may differ, in seconds.
    #[serde(default = "usual_leeway")]
    pub leeway_seconds: i64,
}

/// What one text of the claim means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// The text.
    pub value: String,
    /// In which organisation; none: in all of them, and for what belongs to none.
    #[serde(default)]
    pub tenant: Option<i64>,
    /// What he is there.
    pub role: Role,
}

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// He changes everything, and says who else may.
    Owner,
    /// He changes the networks.
    Operator,
    /// He looks.
    ReadOnly,
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
pub enum SettingsProblem {
    /// It is not what it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A field makes no sense.
    #[error("{field} {why}")]
    Field {
        /// Which one.
        field: &'static str,
        /// Why not.
        why: &'static str,
    },
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`SettingsProblem`] names the field.
    pub fn parse(text: &str) -> Result<Self, SettingsProblem> {
        let settings: Self = serde_json::from_str(text)?;
        let wrong = |field, why| Err(SettingsProblem::Field { field, why });
        if !settings.issuer.starts_with("https://") || settings.issuer.contains(['?', '#']) {
            return wrong("issuer", "must be an https URL without query and fragment");
        }
        if !settings.redirect_url.starts_with("https://") || settings.redirect_url.contains('#') {
            return wrong("redirect_url", "must be an https URL without fragment");
        }
        if settings.client_id.is_empty() {
            return wrong("client_id", "must not be empty");
        }
        if settings.roles.is_empty() {
            return wrong("roles", "must have a row, or nobody is let in");
        }
        if !(0..=LEEWAY_MAX).contains(&settings.leeway_seconds) {
            return wrong("leeway_seconds", "must be from 0 to 300");
        }
        Ok(settings)
    }
}

fn usual_scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).into()
}

fn usual_user_claim() -> String {
    "email".to_owned()
}

fn usual_role_claim() -> String {
    "groups".to_owned()
}

fn usual_leeway() -> i64 {
    60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_or_its_field_is_named() {
        let file = |change: (&str, &str)| {
            let text = r#"{"issuer": "https://id.test", "client_id": "orc8r", "redirect_url": "https://o.test/x",
                           "roles": [{"value": "noc", "role": "operator"}, {"value": "a", "tenant": 1, "role": "owner"}]}"#;
            Settings::parse(&text.replacen(change.0, change.1, 1))
        };
        let read = file(("", "")).unwrap();
        assert_eq!((read.user_claim.as_str(), read.leeway_seconds), ("email", 60));
        assert_eq!(read.roles[1], RoleRule { value: "a".into(), tenant: Some(1), role: Role::Owner });
        for (change, expect) in [
            (("https://id", "http://id"), "issuer must be"),
            (("https://o", "http://o"), "redirect_url must be"),
            (("\"orc8r\"", "\"\""), "client_id must not"),
            (("\"client_id\"", "\"leeway_seconds\": 301, \"client_id\""), "leeway_seconds must"),
            (("\"operator\"", "\"king\""), "unknown variant"),
            (("\"client_id\"", "\"clientid\""), "unknown field"),
        ] {
            let problem = file(change).unwrap_err().to_string();
            assert!(problem.contains(expect), "{change:?}: {problem}");
        }
    }
}
