//! From what a token says of a person to what he is here.

use super::id_token::Claims;
use super::settings::{RoleRule, Settings};
use serde_json::Value;

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// His name here.
    pub name: String,
    /// Who he is for the provider, for ever: names are given anew.
    pub subject: String,
    /// What he is.
    pub roles: Vec<RoleRule>,
}

/// Why somebody whom the provider knows is nobody here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmapped {
    /// He has no name that can be one here.
    #[error(
        "the claim {0} names no user: it must be a text of 1 to 64 letters, digits, or characters of '.-_@+'"
    )]
    Name(String),
    /// His address may be anybody's.
    #[error("the provider has not verified the e-mail address")]
    Unverified,
    /// He has no role here.
    #[error("nothing in the claim {0} gives a role here")]
    NoRole(String),
}

impl Person {
    /// Who a token is of, as the settings say.
    ///
    /// # Errors
    /// [`Unmapped`].
    pub fn of(claims: &Claims, settings: &Settings) -> Result<Self, Unmapped> {
        let claim = settings.user_claim.as_str();
        let name = claims.0.get(claim).and_then(Value::as_str).filter(|name| is_name(name));
        let name = name.ok_or_else(|| Unmapped::Name(claim.to_owned()))?.to_owned();
        let verified = || claims.0.get("email_verified").is_some_and(|is| *is == true || *is == "true");
        if claim == "email" && !verified() {
            return Err(Unmapped::Unverified);
        }
        let held = texts(claims, &settings.role_claim);
        let rules = settings.roles.iter().filter(|rule| held.contains(&rule.value.as_str()));
        let roles: Vec<RoleRule> = rules.cloned().collect();
        if roles.is_empty() {
            return Err(Unmapped::NoRole(settings.role_claim.clone()));
        }
        let subject = claims.0.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { name, subject, roles })
    }
}

/// The texts of a claim: of that name, or else where its dots lead.
fn texts<'a>(claims: &'a Claims, name: &str) -> Vec<&'a str> {
    let nested = || {
        let mut parts = name.split('.');
        let first = claims.0.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    };
    match claims.0.get(name).or_else(nested) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_@+".contains(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_somebody_is_comes_from_his_claims() {
        let settings = |role_claim: &str| {
            let file = json!({"issuer": "https://id.test", "client_id": "c", "redirect_url": "https://o.test/x",
                              "role_claim": role_claim, "roles": [{"value": "noc", "role": "operator"},
                              {"value": "acme", "tenant": 1, "role": "owner"}]});
            Settings::parse(&file.to_string()).unwrap()
        };
        let groups = |groups: Value| json!({"sub": "s", "email": "ann@x.test", "email_verified": true, "groups": groups, "realm": {"roles": ["acme"]}});
        let mut unverified = groups(json!(["noc"]));
        unverified["email_verified"] = json!(false);
        let mut odd = groups(json!(["noc"]));
        odd["email"] = json!("ann:x");
        let rows = [
            ("a list", "groups", groups(json!(["x", "noc", "acme"])), Ok(2)),
            ("a text", "groups", groups(json!("noc")), Ok(1)),
            ("within an object", "realm.roles", groups(json!([])), Ok(1)),
            (
                "no group of ours",
                "groups",
                groups(json!(["nocturnal", 1, null])),
                Err("nothing in the claim groups"),
            ),
            ("no list", "groups", groups(json!({"noc": true})), Err("nothing in the claim groups")),
            ("not there", "a.b", groups(json!(["noc"])), Err("nothing in the claim a.b")),
            ("not verified", "groups", unverified, Err("not verified")),
            ("a name that is none", "groups", odd, Err("names no user")),
        ];
        for (row, claim, claims, expect) in rows {
            let claims = Claims(claims.as_object().unwrap().clone());
            match (Person::of(&claims, &settings(claim)), expect) {
                (Ok(person), Ok(roles)) => {
                    assert_eq!((person.name.as_str(), person.roles.len()), ("ann@x.test", roles), "{row}");
                }
                (Err(problem), Err(text)) => assert!(problem.to_string().contains(text), "{row}: {problem}"),
                (outcome, _) => panic!("{row}: {outcome:?}"),
            }
        }
    }
}
