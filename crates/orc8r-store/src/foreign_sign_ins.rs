//! Users whom an operator's own directory knows: they come into being when they first sign in there.

use crate::row::{execute, row};
use crate::users;
use crate::{Store, StoreError, UserToken};
use orc8r_model::RoleGrant;

impl Store {
    /// Opens a session for `user`, whom `mark` (a provider, and who he is there) tells from others of his name. He is made
    /// when he is not there yet; his roles are replaced by these.
    ///
    /// The mark stands where others have the hash of a password, and is none of any.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when the name is another's: a user with a password, or somebody else at the provider.
    pub async fn sign_in_foreigner(
        &self,
        user: &str,
        mark: &str,
        roles: Vec<RoleGrant>,
        session: UserToken,
    ) -> Result<(), StoreError> {
        let (user, mark) = (user.to_owned(), mark.to_owned());
        self.write(move |transaction| {
            let sql = "SELECT password FROM users WHERE name = ?1";
            let known: Option<String> = row(transaction, sql, [&user], |row| row.get(0))?;
            match known {
                Some(known) if known == mark => users::put_roles(transaction, &user, &roles)?,
                Some(_) => return Err(StoreError::Invalid { reason: taken(&user) }),
                None => {
                    let text = serde_json::to_string(&roles).map_err(StoreError::invalid)?;
                    let sql = "INSERT INTO users (name, password, roles) VALUES (?1, ?2, ?3)";
                    execute(transaction, sql, (&user, &mark, text))?;
                }
            }
            users::insert_token(transaction, &user, session)
        })
        .await
    }
}

fn taken(user: &str) -> String {
    format!(
        "user {user} is somebody else here: he has a password, or the provider gave his name to another; an \
         administrator deletes or renames one of them"
    )
}
