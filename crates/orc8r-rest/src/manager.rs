//! Who manages users: an administrator all of them, the owner of an organisation those who belong to it alone.

use crate::error::ApiError;
use orc8r_model::{Policy, Rights, Role, RoleGrant};
use orc8r_store::UserScope;

/// Where users are managed.
const PLACE: &str = "/magma/v1/user";

/// Whoever asks for users, or changes them.
#[derive(Debug, Clone)]
pub(crate) enum Manager {
    /// He manages every user.
    Administrator,
    /// He manages the users of the organisations that these rights make him an owner of.
    Owner(Rights),
}

impl Manager {
    /// What the owner of an organisation is, at a path as it is registered; `None`: he is none, or it is not about users.
    pub(crate) fn owner(rights: &Rights, pattern: &str) -> Option<Self> {
        let rest = pattern.strip_prefix(PLACE)?;
        let is_owner = !rights.owned_organisations().is_empty();
        (is_owner && (rest.is_empty() || rest.starts_with("/{username}")))
            .then(|| Self::Owner(rights.clone()))
    }

    /// Which users he manages.
    pub(crate) fn scope(&self) -> UserScope {
        match self {
            Self::Administrator => UserScope::Everybody,
            Self::Owner(rights) => UserScope::Organisations(rights.owned_organisations()),
        }
    }

    /// What a user is whom he makes: without any role he would be nobody's.
    pub(crate) fn first_roles(&self) -> Vec<RoleGrant> {
        let reader = |tenant| RoleGrant { tenant: Some(tenant), role: Role::ReadOnly };
        match self {
            Self::Administrator => Vec::new(),
            Self::Owner(rights) => rights.owned_organisations().into_iter().map(reader).collect(),
        }
    }

    /// # Errors
    /// 403 for roles elsewhere, or none: who had none would be out of the owner's reach.
    pub(crate) fn check_roles(&self, roles: &[RoleGrant]) -> Result<(), ApiError> {
        if self.scope().has(roles) {
            return Ok(());
        }
        Err(self.refusal(
            "gives roles in his organisation alone, and at least one: delete the user to take him out",
        ))
    }

    /// # Errors
    /// 403 for policies that allow something outside of his organisations.
    pub(crate) fn check_policies(&self, policies: &[Policy]) -> Result<(), ApiError> {
        match self {
            Self::Owner(rights) if !policies.iter().all(|policy| rights.may_hand_out(policy)) => Err(self
                .refusal(
                    "allows networks of his organisation (NETWORK_ID) or all of it (TENANT_ID), and no paths",
                )),
            _ => Ok(()),
        }
    }

    fn refusal(&self, may: &str) -> ApiError {
        ApiError::Forbidden(format!("access denied (the owner of an organisation {may})"))
    }
}
