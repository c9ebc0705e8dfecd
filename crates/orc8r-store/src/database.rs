//! Where an Orchestrator's database is: a file of its own, or a server that many nodes share.

use crate::postgres::address;
use std::fmt;
use std::path::{Path, PathBuf};

/// The place of a database, as an operator names it.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// The URL of a PostgreSQL database: `postgres://user:password@host:port/database`, with `?sslmode=require` for TLS.
    Server(String),
}

impl Database {
    /// The file, when it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(file) => Some(file),
            Self::Server(_) => None,
        }
    }
}

/// A URL, or else the path of a file.
impl From<&str> for Database {
    fn from(text: &str) -> Self {
        if address::is_url(text) { Self::Server(text.to_owned()) } else { Self::File(PathBuf::from(text)) }
    }
}

/// Without the password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Server(url) => f.write_str(&without_secrets(url)),
        }
    }
}

/// Without the password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

fn without_secrets(url: &str) -> String {
    let place = url.split_once('?').map_or(url, |(place, _)| place);
    let Some((scheme, rest)) = place.split_once("://") else { return place.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}")
        }
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_its_password() {
        let rows = [
            ("/var/lib/orc8r/orc8r.db", "/var/lib/orc8r/orc8r.db"),
            ("orc8r.db", "orc8r.db"),
            ("postgres://u:p@ss@h:5432/d?sslmode=require&password=p", "postgres://u@h:5432/d"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("postgres://h/d", "postgres://h/d"),
        ];
        for (text, expect) in rows {
            let database = Database::from(text);
            assert_eq!(database.to_string(), expect, "{text}");
            assert!(!format!("{database:?}").contains("p@ss"), "{text}");
            assert_eq!(database.file().is_some(), !text.contains("://"), "{text}");
        }
    }
}
