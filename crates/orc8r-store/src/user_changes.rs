//! Changes of users by those who manage some of them only: who is changed is looked at in the transaction that changes him.

use crate::row::{Transaction, row, rows};
use crate::users;
use crate::{Store, StoreError, UserToken};
use orc8r_model::RoleGrant;
use std::collections::BTreeSet;

/// Which users somebody manages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserScope {
    /// Every one.
    Everybody,
    /// Those who have roles in these organisations, and in no others.
    Organisations(BTreeSet<i64>),
}

/// What becomes of a user.
#[derive(Debug, Clone, PartialEq)]
pub enum UserChange {
    /// Another hash of a password; his sessions end.
    Password(String),
    /// Other roles.
    Roles(Vec<RoleGrant>),
    /// A token more.
    AddToken(UserToken),
    /// A token less, named by its digest or by its first characters.
    DeleteToken(String),
    /// He goes, with his tokens.
    Delete,
}

impl UserScope {
    /// Whether whoever has these roles is in it.
    pub fn has(&self, roles: &[RoleGrant]) -> bool {
        match self {
            Self::Everybody => true,
            Self::Organisations(tenants) => {
                let within = |grant: &RoleGrant| grant.tenant.is_some_and(|tenant| tenants.contains(&tenant));
                !roles.is_empty() && roles.iter().all(within)
            }
        }
    }

    /// Refuses a user who is not in it like one who is not there.
    fn check(&self, transaction: &Transaction<'_>, user: &str) -> Result<(), StoreError> {
        let sql = "SELECT roles FROM users WHERE name = ?1";
        let roles: Option<String> = row(transaction, sql, [user], |row| row.get(0))?;
        let roles: Vec<RoleGrant> = users::parse(user, &roles.ok_or_else(|| users::none(user))?)?;
        if self.has(&roles) { Ok(()) } else { Err(users::none(user)) }
    }
}

impl Store {
    /// The names of the users in `scope`, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn users_in(&self, scope: UserScope) -> Result<Vec<String>, StoreError> {
        self.read(move |transaction| {
            let sql = "SELECT name, roles FROM users ORDER BY name";
            let found: Vec<(String, String)> =
                rows(transaction, sql, (), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let mut names = Vec::new();
            for (name, roles) in found {
                if scope.has(&users::parse::<Vec<RoleGrant>>(&name, &roles)?) {
                    names.push(name);
                }
            }
            Ok(names)
        })
        .await
    }

    /// Whether there is such a user in `scope`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when not.
    pub async fn check_user(&self, scope: UserScope, user: &str) -> Result<(), StoreError> {
        let user = user.to_owned();
        self.read(move |transaction| scope.check(transaction, &user)).await
    }

    /// Changes a user of `scope`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a user, or token; [`StoreError::Invalid`] when he has too many tokens, or
    /// several begin as named.
    pub async fn change_user(
        &self,
        scope: UserScope,
        user: &str,
        change: UserChange,
    ) -> Result<(), StoreError> {
        let user = user.to_owned();
        self.write(move |transaction| {
            scope.check(transaction, &user)?;
            match change {
                UserChange::Password(hash) => users::put_password(transaction, &user, &hash),
                UserChange::Roles(roles) => users::put_roles(transaction, &user, &roles),
                UserChange::AddToken(token) => users::insert_token(transaction, &user, token),
                UserChange::DeleteToken(which) => users::remove_token(transaction, &user, &which),
                UserChange::Delete => users::remove(transaction, &user),
            }
        })
        .await
    }
}
