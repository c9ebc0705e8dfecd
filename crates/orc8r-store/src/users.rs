//! Users, their roles, and the tokens that they present.

use crate::row::{Transaction, execute, row, rows};
use crate::tenants::networks_of;
use crate::{Store, StoreError};
use orc8r_model::{Policy, PolicyResource, Rights, RoleGrant};
use std::collections::BTreeSet;

/// How many tokens a user has at most.
const TOKENS_MAX: i64 = 100;

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct UserToken {
    /// The hash by which it is found.
    pub digest: String,
    /// Its first characters, to tell it from others.
    pub shown: String,
    /// What it is good for; `None`: what its user's roles are.
    pub policies: Option<Vec<Policy>>,
    /// When it ends, in seconds since 1970; `None`: never.
    pub expires_at: Option<i64>,
}

/// Who presented a token.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The user's name.
    pub user: String,
    /// What he may do with that token.
    pub rights: Rights,
    /// When it ends, in seconds since 1970; `None`: never.
    pub ends_at: Option<i64>,
}

impl Store {
    /// The names of all users, in order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn users(&self) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            rows(transaction, "SELECT name FROM users ORDER BY name", (), |row| row.get(0))
        })
        .await
    }

    /// The hash of a user's password; `None`: there is no such user.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn password_of(&self, user: &str) -> Result<Option<String>, StoreError> {
        let user = user.to_owned();
        self.read(move |transaction| {
            row(transaction, "SELECT password FROM users WHERE name = ?1", [&user], |row| row.get(0))
        })
        .await
    }

    /// Makes a user without roles.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub async fn create_user(&self, user: &str, password: &str) -> Result<(), StoreError> {
        self.create_user_with(user, password, Vec::new()).await
    }

    /// Makes a user with these roles.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`].
    pub async fn create_user_with(
        &self,
        user: &str,
        password: &str,
        roles: Vec<RoleGrant>,
    ) -> Result<(), StoreError> {
        let (user, password) = (user.to_owned(), password.to_owned());
        self.write(move |transaction| {
            let roles = serde_json::to_string(&roles).map_err(StoreError::invalid)?;
            let sql =
                "INSERT INTO users (name, password, roles) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING";
            match execute(transaction, sql, (&user, password, roles))? {
                0 => Err(StoreError::AlreadyExists { what: named(&user) }),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Replaces the hash of a user's password, and ends the sessions that were opened with the former one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_password(&self, user: &str, password: &str) -> Result<(), StoreError> {
        let (user, password) = (user.to_owned(), password.to_owned());
        self.write(move |transaction| put_password(transaction, &user, &password)).await
    }

    /// Replaces the hash of a user's password, when it is still `old`, and ends his sessions but for the one with the digest
    /// `kept`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a user; [`StoreError::Invalid`] when his password has been replaced meanwhile.
    pub async fn replace_password(
        &self,
        user: &str,
        old: &str,
        new: &str,
        kept: &str,
    ) -> Result<(), StoreError> {
        let [user, old, new, kept] = [user, old, new, kept].map(str::to_owned);
        self.write(move |transaction| {
            let sql = "SELECT password FROM users WHERE name = ?1";
            let known: Option<String> = row(transaction, sql, [&user], |row| row.get(0))?;
            if known.ok_or_else(|| none(&user))? != old {
                let reason = format!("the password of user {user} has been changed meanwhile");
                return Err(StoreError::Invalid { reason });
            }
            change(transaction, &user, "UPDATE users SET password = ?2 WHERE name = ?1", &new)?;
            let sql = "DELETE FROM user_tokens WHERE user_name = ?1 AND policies IS NULL AND digest <> ?2";
            execute(transaction, sql, (&user, &kept)).map(drop)
        })
        .await
    }

    /// The roles of a user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn roles_of(&self, user: &str) -> Result<Vec<RoleGrant>, StoreError> {
        let user = user.to_owned();
        self.read(move |transaction| {
            let sql = "SELECT roles FROM users WHERE name = ?1";
            let text: Option<String> = row(transaction, sql, [&user], |row| row.get(0))?;
            parse(&user, &text.ok_or_else(|| none(&user))?)
        })
        .await
    }

    /// Replaces the roles of a user.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn set_roles(&self, user: &str, roles: Vec<RoleGrant>) -> Result<(), StoreError> {
        let user = user.to_owned();
        self.write(move |transaction| put_roles(transaction, &user, &roles)).await
    }

    /// Deletes a user with his tokens.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete_user(&self, user: &str) -> Result<(), StoreError> {
        let user = user.to_owned();
        self.write(move |transaction| remove(transaction, &user)).await
    }

    /// Gives a user a token; of his sessions, which are the tokens without policies, the oldest go when there are many.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a user; [`StoreError::Invalid`] when he has too many tokens.
    pub async fn add_token(&self, user: &str, token: UserToken) -> Result<(), StoreError> {
        let user = user.to_owned();
        self.write(move |transaction| insert_token(transaction, &user, token)).await
    }

    /// The tokens with policies that a user has.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a user.
    pub async fn tokens_of(&self, user: &str) -> Result<Vec<UserToken>, StoreError> {
        let user = user.to_owned();
        self.read(move |transaction| {
            if row(transaction, "SELECT 1 FROM users WHERE name = ?1", [&user], |_| Ok(()))?.is_none() {
                return Err(none(&user));
            }
            let sql = "SELECT digest, shown, policies, expires_at FROM user_tokens \
                       WHERE user_name = ?1 AND policies IS NOT NULL ORDER BY shown, digest";
            rows(transaction, sql, [&user], |row| {
                let policies: Option<String> = row.get(2)?;
                let policies = policies.map(|text| parse(&user, &text)).transpose()?;
                Ok(UserToken { digest: row.get(0)?, shown: row.get(1)?, policies, expires_at: row.get(3)? })
            })
        })
        .await
    }

    /// Takes a token from a user, by its digest or by its first characters.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when several begin so.
    pub async fn delete_token(&self, user: &str, which: &str) -> Result<(), StoreError> {
        let (user, which) = (user.to_owned(), which.to_owned());
        self.write(move |transaction| remove_token(transaction, &user, &which)).await
    }

    /// Who has the token with this digest, if it has not ended by `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn session(&self, digest: &str, now: i64) -> Result<Option<Session>, StoreError> {
        let digest = digest.to_owned();
        self.read(move |transaction| {
            let sql = "SELECT users.name, users.roles, user_tokens.policies, user_tokens.expires_at FROM user_tokens \
                       JOIN users ON users.name = user_tokens.user_name \
                       WHERE user_tokens.digest = ?1 \
                       AND (user_tokens.expires_at IS NULL OR user_tokens.expires_at > ?2)";
            type Found = (String, String, Option<String>, Option<i64>);
            let found: Option<Found> = row(transaction, sql, (digest, now), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            let Some((user, roles, policies, ends_at)) = found else { return Ok(None) };
            let roles: Vec<RoleGrant> = parse(&user, &roles)?;
            let policies: Option<Vec<Policy>> = policies.map(|text| parse(&user, &text)).transpose()?;
            let tenants = tenants_in(&roles, policies.as_deref().unwrap_or_default());
            let networks = tenants.into_iter().map(|id| Ok((id, networks_of(transaction, id)?)));
            let networks = networks.collect::<Result<_, StoreError>>()?;
            Ok(Some(Session { user, rights: Rights { roles, policies, networks }, ends_at }))
        })
        .await
    }

    /// Forgets tokens that ended before `now`; returns how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn purge_ended_tokens(&self, now: i64) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            execute(transaction, "DELETE FROM user_tokens WHERE expires_at <= ?1", [now])
        })
        .await
    }
}

fn named(user: &str) -> String {
    format!("user {user}")
}

pub(crate) fn none(user: &str) -> StoreError {
    StoreError::not_found(named(user))
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(user: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(named(user), error))
}

/// Sessions end that were opened with the former one.
pub(crate) fn put_password(
    transaction: &Transaction<'_>,
    user: &str,
    password: &str,
) -> Result<(), StoreError> {
    change(transaction, user, "UPDATE users SET password = ?2 WHERE name = ?1", password)?;
    let sql = "DELETE FROM user_tokens WHERE user_name = ?1 AND policies IS NULL";
    execute(transaction, sql, [user]).map(drop)
}

pub(crate) fn put_roles(
    transaction: &Transaction<'_>,
    user: &str,
    roles: &[RoleGrant],
) -> Result<(), StoreError> {
    let roles = serde_json::to_string(roles).map_err(StoreError::invalid)?;
    change(transaction, user, "UPDATE users SET roles = ?2 WHERE name = ?1", &roles)
}

pub(crate) fn remove(transaction: &Transaction<'_>, user: &str) -> Result<(), StoreError> {
    match execute(transaction, "DELETE FROM users WHERE name = ?1", [user])? {
        0 => Err(none(user)),
        _ => Ok(()),
    }
}

pub(crate) fn insert_token(
    transaction: &Transaction<'_>,
    user: &str,
    token: UserToken,
) -> Result<(), StoreError> {
    if row(transaction, "SELECT 1 FROM users WHERE name = ?1", [user], |_| Ok(()))?.is_none() {
        return Err(none(user));
    }
    make_room(transaction, user, token.policies.is_none())?;
    let policies = token.policies.as_ref().map(serde_json::to_string).transpose();
    let policies = policies.map_err(StoreError::invalid)?;
    let sql = "INSERT INTO user_tokens (digest, user_name, shown, policies, expires_at) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let UserToken { digest, shown, expires_at, .. } = token;
    execute(transaction, sql, (digest, user, shown, policies, expires_at)).map(drop)
}

pub(crate) fn remove_token(transaction: &Transaction<'_>, user: &str, which: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM user_tokens WHERE user_name = ?1 AND (digest = ?2 OR shown = ?2)";
    match execute(transaction, sql, (user, which))? {
        0 => Err(StoreError::not_found(format_args!("token of user {user}"))),
        1 => Ok(()),
        _ => Err(StoreError::Invalid { reason: "several tokens begin so: name the whole token".to_owned() }),
    }
}

fn change(transaction: &Transaction<'_>, user: &str, sql: &str, value: &str) -> Result<(), StoreError> {
    match execute(transaction, sql, (user, value))? {
        0 => Err(none(user)),
        _ => Ok(()),
    }
}

fn make_room(transaction: &Transaction<'_>, user: &str, is_session: bool) -> Result<(), StoreError> {
    let condition = if is_session { "policies IS NULL" } else { "policies IS NOT NULL" };
    let sql = format!("SELECT COUNT(*) FROM user_tokens WHERE user_name = ?1 AND {condition}");
    let count: i64 = row(transaction, &sql, [user], |row| row.get(0))?.unwrap_or_default();
    if count < TOKENS_MAX {
        return Ok(());
    }
    if !is_session {
        let reason = format!("user {user} has {TOKENS_MAX} tokens already: delete those that are not used");
        return Err(StoreError::Invalid { reason });
    }
    let sql = "DELETE FROM user_tokens WHERE digest = (SELECT digest FROM user_tokens \
               WHERE user_name = ?1 AND policies IS NULL ORDER BY expires_at LIMIT 1)";
    execute(transaction, sql, [user]).map(drop)
}

fn tenants_in(roles: &[RoleGrant], policies: &[Policy]) -> BTreeSet<i64> {
    let of_roles = roles.iter().filter_map(|grant| grant.tenant);
    let of_policies = policies.iter().filter_map(|policy| match &policy.resource {
        PolicyResource::Tenants(ids) => Some(ids),
        _ => None,
    });
    of_roles.chain(of_policies.flatten().copied()).collect()
}
