//! The policies of a token, as the contract writes them and as they are kept.

use crate::error::ApiError;
use orc8r_model::{Action, Effect, Policy, PolicyResource};
use wire_rest::types;

/// How long a pattern of paths is at most, and how many stars it has: matching costs more with each.
const PATTERN_LENGTH_MAX: usize = 256;
const STARS_MAX: usize = 6;

/// The policies that a body describes.
pub(crate) fn from_body(body: &[types::Policy]) -> Result<Vec<Policy>, ApiError> {
    let numbered = body.iter().enumerate();
    numbered
        .map(|(number, policy)| read(policy).map_err(|problem| ApiError::bad(format!("{number}.{problem}"))))
        .collect()
}

/// Policies as the contract writes them.
pub(crate) fn to_body(policies: Vec<Policy>) -> Vec<types::Policy> {
    policies.into_iter().map(write).collect()
}

fn read(body: &types::Policy) -> Result<Policy, String> {
    let effect = match body.effect.as_deref() {
        Some("ALLOW") => Effect::Allow,
        Some("DENY") => Effect::Deny,
        _ => return Err("effect in body is required".to_owned()),
    };
    let action = match body.action.as_deref() {
        Some("READ") => Action::Read,
        Some("WRITE") => Action::Write,
        _ => return Err("action in body is required".to_owned()),
    };
    Ok(Policy { effect, action, resource: resource(body)? })
}

fn resource(body: &types::Policy) -> Result<PolicyResource, String> {
    let ids = || body.resource_i_ds.iter();
    match body.resource_type.as_deref() {
        Some("URI") => path(body.path.as_deref().unwrap_or_default()),
        Some("NETWORK_ID") => Ok(PolicyResource::Networks(ids().cloned().collect())),
        Some("TENANT_ID") => {
            let id =
                |id: &String| id.parse().map_err(|_| format!("resourceIDs in body must be numbers: {id:?}"));
            ids().map(id).collect::<Result<_, _>>().map(PolicyResource::Tenants)
        }
        _ => Err("resourceType in body is required".to_owned()),
    }
}

fn path(pattern: &str) -> Result<PolicyResource, String> {
    if pattern.is_empty() {
        return Err("path in body is required".to_owned());
    }
    let stars = pattern.replace("**", "*").matches('*').count();
    if pattern.replace("%25", "").replace("%2F", "").contains('%') {
        return Err("path in body must not be escaped, but for %25 and %2F within an id".to_owned());
    }
    if pattern.len() > PATTERN_LENGTH_MAX || stars > STARS_MAX {
        return Err(format!(
            "path in body must have at most {PATTERN_LENGTH_MAX} characters and {STARS_MAX} wildcards"
        ));
    }
    Ok(PolicyResource::Path(pattern.to_owned()))
}

fn write(policy: Policy) -> types::Policy {
    let effect = match policy.effect {
        Effect::Allow => "ALLOW",
        Effect::Deny => "DENY",
    };
    let action = match policy.action {
        Action::Read => "READ",
        Action::Write => "WRITE",
    };
    let (resource_type, path, resource_i_ds) = match policy.resource {
        PolicyResource::Path(pattern) => ("URI", Some(pattern), Vec::new()),
        PolicyResource::Networks(ids) => ("NETWORK_ID", None, ids.into_iter().collect()),
        PolicyResource::Tenants(ids) => ("TENANT_ID", None, ids.iter().map(ToString::to_string).collect()),
    };
    types::Policy {
        effect: Some(effect.to_owned()),
        action: Some(action.to_owned()),
        resource_type: Some(resource_type.to_owned()),
        path,
        resource_i_ds,
    }
}
