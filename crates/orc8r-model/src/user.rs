//! Users who sign in with a password or present an API token, and what they may do.

use crate::{AccessTarget, Permissions};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a user is in an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// He changes everything, and says who else may.
    Owner,
    /// He changes the networks.
    Operator,
    /// He looks.
    ReadOnly,
}

impl Role {
    fn permissions(self) -> Permissions {
        match self {
            Self::Owner | Self::Operator => Permissions::READ_WRITE,
            Self::ReadOnly => Permissions::READ,
        }
    }
}

/// A role of a user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoleGrant {
    /// In which organisation; `None`: in all of them, and for what belongs to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<i64>,
    /// What he is there.
    pub role: Role,
}

/// Whether a policy allows or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// It allows, unless another one forbids.
    #[serde(rename = "ALLOW")]
    Allow,
    /// It forbids, whatever else allows.
    #[serde(rename = "DENY")]
    Deny,
}

/// What a policy is about. Being allowed to write includes reading; being forbidden to read includes writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// To look.
    #[serde(rename = "READ")]
    Read,
    /// To change.
    #[serde(rename = "WRITE")]
    Write,
}

/// What a policy is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyResource {
    /// Paths, such as `/magma/v1/networks/n1/**`: `**` is any number of parts, `*` any text within one.
    Path(String),
    /// Networks, by id.
    Networks(BTreeSet<String>),
    /// Organisations, by id, and the networks that they own.
    Tenants(BTreeSet<i64>),
}

/// One rule of an API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether it allows or forbids.
    pub effect: Effect,
    /// What.
    pub action: Action,
    /// Where.
    pub resource: PolicyResource,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its path, without its query.
    pub path: &'a str,
    /// The network that the path names.
    pub network: Option<&'a str>,
    /// The organisation that the path names.
    pub tenant: Option<i64>,
}

/// What a signed-in user may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// His roles; they do not count when he presented a token with policies.
    pub roles: Vec<RoleGrant>,
    /// The policies of the token that he presented, if it has its own.
    pub policies: Option<Vec<Policy>>,
    /// The networks of each organisation that the two name.
    pub networks: BTreeMap<i64, BTreeSet<String>>,
}

/// A right that a user lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("access denied (no permission to {asked} {place})")]
pub struct RightLacking {
    /// What was asked.
    pub asked: Permissions,
    /// For what.
    pub place: String,
}

/// The networks that a user may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visible {
    /// Every one.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Visible {
    /// Whether this network is among them.
    pub fn shows(&self, network: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(networks) => networks.contains(network),
        }
    }
}

impl Rights {
    /// Whether the user may do what is asked.
    ///
    /// Deviation: Magma adds up the policies of all tokens of a user, whichever he presents; here those of the token
    /// that is presented count, so that a token can have less than everything.
    ///
    /// # Errors
    /// [`RightLacking`].
    pub fn check(&self, asked: Permissions, place: Place<'_>) -> Result<(), RightLacking> {
        let allowed = match &self.policies {
            Some(policies) => {
                self.by_policies(policies, asked, place) && self.may_have_by_token(asked, place)
            }
            None => self.roles.iter().any(|grant| self.by_role(grant, asked, place)),
        };
        if allowed { Ok(()) } else { Err(RightLacking { asked, place: place.to_string() }) }
    }

    /// The organisations whose users he manages, as their owner. Who comes with a token with policies manages nobody.
    pub fn owned_organisations(&self) -> BTreeSet<i64> {
        let roles = self.roles.iter().filter(|grant| self.policies.is_none() && grant.role == Role::Owner);
        roles.filter_map(|grant| grant.tenant).collect()
    }

    /// Whether the owner of these organisations may give somebody a token with this policy: one that allows nothing
    /// outside of them.
    pub fn may_hand_out(&self, policy: &Policy) -> bool {
        let owned = self.owned_organisations();
        match (policy.effect, &policy.resource) {
            (Effect::Deny, _) => true,
            (Effect::Allow, PolicyResource::Tenants(ids)) => ids.is_subset(&owned),
            (Effect::Allow, PolicyResource::Networks(ids)) => {
                let networks = || owned.iter().flat_map(|tenant| self.networks_of(*tenant));
                ids.iter().all(|id| networks().any(|network| network == id))
            }
            (Effect::Allow, PolicyResource::Path(_)) => false,
        }
    }

    /// Which networks he may read.
    pub fn visible_networks(&self) -> Visible {
        let visible = self.named_networks();
        match visible {
            _ if self.policies.is_none() || !self.is_of_organisations() => visible,
            Visible::All => Visible::Only(self.networks_of_roles().cloned().collect()),
            Visible::Only(named) => {
                let owned: BTreeSet<String> = self.networks_of_roles().cloned().collect();
                Visible::Only(named.intersection(&owned).cloned().collect())
            }
        }
    }

    /// The networks that the presented token forbids to read, also where they are shown among others.
    pub fn hidden_networks(&self) -> BTreeSet<String> {
        let policies = self.policies.iter().flatten();
        let forbid = policies.filter(|policy| (policy.effect, policy.action) == (Effect::Deny, Action::Read));
        forbid.flat_map(|policy| self.named_by(&policy.resource)).collect()
    }

    /// Whether he has roles in organisations, and none besides.
    fn is_of_organisations(&self) -> bool {
        !self.roles.is_empty() && self.roles.iter().all(|grant| grant.tenant.is_some())
    }

    /// What belongs to organisations alone has no token that reaches further than they do, whatever its policies say:
    /// networks change their owners, and an organisation's owner makes tokens too.
    fn may_have_by_token(&self, asked: Permissions, place: Place<'_>) -> bool {
        if !self.is_of_organisations() {
            return true;
        }
        self.roles.iter().any(|grant| match (place.network, place.tenant) {
            (None, Some(named)) => grant.tenant == Some(named),
            _ => self.by_role(grant, asked, place),
        })
    }

    fn networks_of_roles(&self) -> impl Iterator<Item = &String> {
        self.roles.iter().filter_map(|grant| grant.tenant).flat_map(|tenant| self.networks_of(tenant))
    }

    fn named_networks(&self) -> Visible {
        match &self.policies {
            // What paths allow is not known beforehand; each network is asked for by itself.
            Some(policies)
                if policies.iter().any(|policy| matches!(policy.resource, PolicyResource::Path(_))) =>
            {
                Visible::All
            }
            Some(policies) => {
                let allow = policies.iter().filter(|policy| policy.effect == Effect::Allow);
                Visible::Only(allow.flat_map(|policy| self.named_by(&policy.resource)).collect())
            }
            None if self.roles.iter().any(|grant| grant.tenant.is_none()) => Visible::All,
            None => Visible::Only(self.networks_of_roles().cloned().collect()),
        }
    }

    fn by_role(&self, grant: &RoleGrant, asked: Permissions, place: Place<'_>) -> bool {
        if !grant.role.permissions().contains(asked) {
            return false;
        }
        let Some(tenant) = grant.tenant else { return place.is_of_networks() || grant.role == Role::Owner };
        match place {
            Place { network: Some(network), .. } => self.networks_of(tenant).any(|owned| owned == network),
            // An organisation's own description is changed by who stands above all organisations.
            Place { tenant: Some(named), .. } => named == tenant && asked == Permissions::READ,
            Place { .. } => asked == Permissions::READ && place.is_for_everybody(),
        }
    }

    fn by_policies(&self, policies: &[Policy], asked: Permissions, place: Place<'_>) -> bool {
        let concerns = |policy: &&Policy| self.covers(&policy.resource, place);
        let forbidden = policies.iter().filter(concerns).any(|policy| match (policy.effect, policy.action) {
            (Effect::Deny, Action::Read) => true,
            (Effect::Deny, Action::Write) => asked.contains(Permissions::WRITE),
            (Effect::Allow, _) => false,
        });
        let allows = |policy: &Policy| match (policy.effect, policy.action) {
            (Effect::Allow, Action::Write) => true,
            (Effect::Allow, Action::Read) => asked == Permissions::READ,
            (Effect::Deny, _) => false,
        };
        !forbidden && policies.iter().filter(concerns).any(allows)
    }

    fn covers(&self, resource: &PolicyResource, place: Place<'_>) -> bool {
        match resource {
            PolicyResource::Path(pattern) => path_matches(pattern, place.path),
            PolicyResource::Networks(ids) => place.network.is_some_and(|network| ids.contains(network)),
            PolicyResource::Tenants(ids) => match place.network {
                Some(network) => {
                    ids.iter().any(|tenant| self.networks_of(*tenant).any(|owned| owned == network))
                }
                None => place.tenant.is_some_and(|tenant| ids.contains(&tenant)),
            },
        }
    }

    fn named_by(&self, resource: &PolicyResource) -> BTreeSet<String> {
        match resource {
            PolicyResource::Networks(ids) => ids.clone(),
            PolicyResource::Tenants(ids) => {
                ids.iter().flat_map(|tenant| self.networks_of(*tenant)).cloned().collect()
            }
            PolicyResource::Path(_) => BTreeSet::new(),
        }
    }

    fn networks_of(&self, tenant: i64) -> impl Iterator<Item = &String> {
        self.networks.get(&tenant).into_iter().flatten()
    }
}

impl Place<'_> {
    /// Whether it is a network, or what every network needs.
    fn is_of_networks(&self) -> bool {
        self.network.is_some() || self.is_for_everybody()
    }

    /// The lists of networks, which show each user his own, and what is no secret.
    fn is_for_everybody(&self) -> bool {
        let lists =
            ["networks", "lte", "feg", "feg_lte", "cwf", "channels", "about", "tenants/targets_metadata"];
        let rest = self.path.strip_prefix("/magma/v1/").unwrap_or_default();
        lists.iter().any(|list| rest == *list || rest.starts_with(&format!("{list}/")))
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.network, self.tenant) {
            (Some(network), _) => AccessTarget::Network(network.to_owned()).fmt(f),
            (None, Some(tenant)) => write!(f, "tenant {tenant}"),
            (None, None) => f.write_str(self.path),
        }
    }
}

/// Whether `path` is one that `pattern` describes, part by part.
fn path_matches(pattern: &str, path: &str) -> bool {
    let parts = |text: &str| -> Vec<String> { text.split('/').map(str::to_owned).collect() };
    parts_match(&parts(pattern), &parts(path))
}

fn parts_match(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((any, rest)), _) if any == "**" => {
            parts_match(rest, path) || path.split_first().is_some_and(|(_, left)| parts_match(pattern, left))
        }
        (Some((part, rest)), Some((first, left))) => {
            text_matches(part.as_bytes(), first.as_bytes()) && parts_match(rest, left)
        }
        _ => false,
    }
}

/// `*` is any text, `?` any byte.
fn text_matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            text_matches(rest, text)
                || text.split_first().is_some_and(|(_, left)| text_matches(pattern, left))
        }
        (Some((wanted, rest)), Some((found, left))) => {
            (*wanted == b'?' || wanted == found) && text_matches(rest, left)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
