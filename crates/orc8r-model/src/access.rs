//! What an operator may read and write.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::BitOr;

/// A set of permissions, as Magma numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Permissions(u8);

impl Permissions {
    /// To look.
    pub const READ: Self = Self(1);
    /// To change.
    pub const WRITE: Self = Self(2);
    /// Both.
    pub const READ_WRITE: Self = Self(3);

    /// Whether every permission of `asked` is in `self`.
    pub fn contains(self, asked: Self) -> bool {
        self.0 & asked.0 == asked.0
    }
}

impl BitOr for Permissions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.contains(Self::READ), self.contains(Self::WRITE)) {
            (true, true) => "read and write",
            (false, true) => "write",
            (true, false) => "read",
            (false, false) => "no access to",
        })
    }
}

/// What a permission is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AccessTarget {
    /// One gateway, by hardware id.
    Gateway(String),
    /// One operator, by name.
    Operator(String),
    /// One network, by id.
    Network(String),
    /// Every gateway.
    AnyGateway,
    /// Every operator.
    AnyOperator,
    /// Every network.
    AnyNetwork,
}

impl AccessTarget {
    /// The three that only an administrator has together.
    pub const EVERYTHING: [Self; 3] = [Self::AnyGateway, Self::AnyOperator, Self::AnyNetwork];

    /// The target that stands for all of its kind.
    pub fn wildcard(&self) -> Self {
        match self {
            Self::Gateway(_) | Self::AnyGateway => Self::AnyGateway,
            Self::Operator(_) | Self::AnyOperator => Self::AnyOperator,
            Self::Network(_) | Self::AnyNetwork => Self::AnyNetwork,
        }
    }
}

/// Magma's name of the target in an access control list.
impl fmt::Display for AccessTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway(id) => write!(f, "Id_Gateway_{id}"),
            Self::Operator(id) => write!(f, "Id_Operator_{id}"),
            Self::Network(id) => write!(f, "Id_Network_{id}"),
            Self::AnyGateway => f.write_str("Id_Wildcard_Gateway"),
            Self::AnyOperator => f.write_str("Id_Wildcard_Operator"),
            Self::AnyNetwork => f.write_str("Id_Wildcard_Network"),
        }
    }
}

impl From<AccessTarget> for String {
    fn from(target: AccessTarget) -> String {
        target.to_string()
    }
}

impl TryFrom<String> for AccessTarget {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let unknown = || format!("'{text}' names nothing that access can be granted to");
        let (kind, id) =
            text.strip_prefix("Id_").and_then(|rest| rest.split_once('_')).ok_or_else(unknown)?;
        match (kind, id) {
            ("Gateway", id) => Ok(Self::Gateway(id.to_owned())),
            ("Operator", id) => Ok(Self::Operator(id.to_owned())),
            ("Network", id) => Ok(Self::Network(id.to_owned())),
            ("Wildcard", "Gateway") => Ok(Self::AnyGateway),
            ("Wildcard", "Operator") => Ok(Self::AnyOperator),
            ("Wildcard", "Network") => Ok(Self::AnyNetwork),
            _ => Err(unknown()),
        }
    }
}

/// The permissions of one operator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessList {
    entries: BTreeMap<AccessTarget, Permissions>,
}

/// A permission that an operator lacks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("access denied (no permission to {asked} {target})")]
pub struct AccessDenied {
    /// What was asked.
    pub asked: Permissions,
    /// For what.
    pub target: AccessTarget,
}

impl AccessList {
    /// Everything: what an administrator has.
    pub fn administrator() -> Self {
        AccessTarget::EVERYTHING
            .into_iter()
            .fold(Self::default(), |list, target| list.with(target, Permissions::READ_WRITE))
    }

    /// The list with one grant more, or with one replaced.
    #[must_use]
    pub fn with(mut self, target: AccessTarget, permissions: Permissions) -> Self {
        self.entries.insert(target, permissions);
        self
    }

    /// Every grant, in order.
    pub fn entries(&self) -> impl Iterator<Item = (&AccessTarget, Permissions)> {
        self.entries.iter().map(|(target, permissions)| (target, *permissions))
    }

    /// Checks that `asked` is granted for each of `targets`, by its own entry or by its kind's wildcard.
    ///
    /// # Errors
    /// [`AccessDenied`] names the first target that is not granted. No targets at all are not granted either.
    pub fn check(&self, asked: Permissions, targets: &[AccessTarget]) -> Result<(), AccessDenied> {
        let denied = |target: &AccessTarget| AccessDenied { asked, target: target.clone() };
        if targets.is_empty() {
            return Err(denied(&AccessTarget::AnyNetwork));
        }
        targets.iter().find(|target| !self.grants(asked, target)).map_or(Ok(()), |target| Err(denied(target)))
    }

    fn grants(&self, asked: Permissions, target: &AccessTarget) -> bool {
        [target, &target.wildcard()]
            .into_iter()
            .filter_map(|entry| self.entries.get(entry))
            .any(|has| has.contains(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_or_its_wildcard_must_grant_every_asked_bit_for_every_target() {
        use Permissions as P;
        let n1 = || AccessTarget::Network("n1".into());
        let n2 = || AccessTarget::Network("n2".into());
        let reader = AccessList::default().with(n1(), P::READ);
        let rows = [
            ("the own network is read", &reader, P::READ, vec![n1()], true),
            ("and not written", &reader, P::WRITE, vec![n1()], false),
            ("both is more than read", &reader, P::READ_WRITE, vec![n1()], false),
            ("another network is not read", &reader, P::READ, vec![n2()], false),
            ("all of two must be granted", &reader, P::READ, vec![n1(), n2()], false),
            ("a single entry is no wildcard", &reader, P::READ, vec![AccessTarget::AnyNetwork], false),
            ("nothing asked for is not granted", &AccessList::administrator(), P::READ, vec![], false),
            (
                "an administrator may",
                &AccessList::administrator(),
                P::READ_WRITE,
                AccessTarget::EVERYTHING.to_vec(),
                true,
            ),
            ("and in each network", &AccessList::administrator(), P::WRITE, vec![n2()], true),
            ("an unknown operator may nothing", &AccessList::default(), P::READ, vec![n1()], false),
        ];
        for (name, list, asked, targets, expect) in rows {
            assert_eq!(list.check(asked, &targets).is_ok(), expect, "{name}");
        }
        let split = AccessList::default().with(n1(), P::READ).with(AccessTarget::AnyNetwork, P::WRITE);
        assert!(split.check(P::READ_WRITE, &[n1()]).is_err(), "one entry must contain all bits");
    }

    #[test]
    fn targets_keep_magmas_names() {
        let list = AccessList::default()
            .with(AccessTarget::Network("a_b".into()), Permissions::READ)
            .with(AccessTarget::AnyOperator, Permissions::READ_WRITE);
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(json, r#"{"Id_Network_a_b":1,"Id_Wildcard_Operator":3}"#);
        assert_eq!(serde_json::from_str::<AccessList>(&json).unwrap(), list);
        assert!(serde_json::from_str::<AccessList>(r#"{"Id_Wildcard_Moon":1}"#).is_err());
        let denied = list.check(Permissions::WRITE, &[AccessTarget::Network("x".into())]).unwrap_err();
        assert_eq!(denied.to_string(), "access denied (no permission to write Id_Network_x)");
    }
}
