//! `orc8r token`: API tokens of users, for programs. Works while the Orchestrator runs.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use orc8r_accounts::{ApiToken, PasswordHash};
use orc8r_model::{Action, Effect, NetworkId, Policy, PolicyResource};
use orc8r_store::{Store, StoreError, UserToken};
use serde_json::json;

use super::output::Output;
use super::{DataDir, audit};

#[derive(Subcommand)]
pub(super) enum Token {
    /// List the API tokens of a user, by their first characters
    List {
        #[command(flatten)]
        data: DataDir,
        /// The user's name
        user: String,
    },
    /// Make an API token, and print it: it is shown this once
    Create {
        #[command(flatten)]
        data: DataDir,
        /// The user's name
        user: String,
        /// Make the user, too, for a program: without a password that anybody knows
        #[arg(long)]
        new_user: bool,
        /// Allow one network, to read and to change; ends in `:R` to read only
        #[arg(long, value_name = "NETWORK[:R]")]
        network: Vec<String>,
        /// Allow everything
        #[arg(long, conflicts_with = "network")]
        everything: bool,
    },
    /// Take an API token away
    Revoke {
        #[command(flatten)]
        data: DataDir,
        /// The user's name
        user: String,
        /// The token's first characters, as `list` shows them
        token: String,
    },
}

pub(super) async fn run(command: Token, out: &mut Output) -> Result<()> {
    match command {
        Token::List { data, user } => list(&data.store()?, &user, out).await,
        Token::Create { data, user, new_user, network, everything } => {
            let policies = policies(everything, &network)?;
            create(&data.store()?, &user, new_user, policies, out).await
        }
        Token::Revoke { data, user, token } => revoke(&data.store()?, &user, &token, out).await,
    }
}

fn policies(everything: bool, networks: &[String]) -> Result<Vec<Policy>> {
    let allow = |action, resource| Policy { effect: Effect::Allow, action, resource };
    if everything {
        return Ok(vec![allow(Action::Write, PolicyResource::Path("/**".to_owned()))]);
    }
    if networks.is_empty() {
        bail!("say what the token is good for, with --network NETWORK or --everything");
    }
    let policy = |text: &String| {
        let (id, action) = match text.split_once(':') {
            None => (text.as_str(), Action::Write),
            Some((id, "R")) => (id, Action::Read),
            Some((_, other)) => bail!("':{other}' after a network is not known: write ':R' to read only"),
        };
        let id = NetworkId::parse(id)?.to_string();
        Ok(allow(action, PolicyResource::Networks([id].into())))
    };
    networks.iter().map(policy).collect()
}

async fn list(store: &Store, user: &str, out: &mut Output) -> Result<()> {
    let (mut text, mut shown) = (String::new(), Vec::new());
    for token in store.tokens_of(user).await? {
        let policies = serde_json::to_value(&token.policies)?;
        let _ = writeln!(text, "{:<16}{policies}", token.shown);
        shown.push(json!({ "token": token.shown, "policies": policies, "expires_at": token.expires_at }));
    }
    out.say(&json!({ "user": user, "tokens": shown }), &text)
}

async fn create(
    store: &Store,
    user: &str,
    new_user: bool,
    policies: Vec<Policy>,
    out: &mut Output,
) -> Result<()> {
    let random = || ApiToken::generate().context("the system gives no random numbers");
    if new_user {
        let password = PasswordHash::of(random()?.as_str()).context("cannot make the user")?;
        store.create_user(user, password.as_str()).await?;
        let after = json!({ "user": user });
        audit::note(store, &format!("token create --new-user {user}"), None, Some(after)).await;
    }
    let token = random()?;
    let shown = token.shown().to_owned();
    let after = json!({ "user": user, "token": format!("{shown}…"), "policies": policies });
    let kept = UserToken { digest: token.digest().0, shown, policies: Some(policies), expires_at: None };
    match store.add_token(user, kept).await {
        Err(error @ StoreError::NotFound { .. }) => bail!("{error}: --new-user makes one for a program"),
        added => added?,
    }
    audit::note(store, &format!("token create {user}"), None, Some(after)).await;
    let text = format!("{}\n", token.as_str());
    out.say(&json!({ "user": user, "token": token.as_str() }), &text)
}

async fn revoke(store: &Store, user: &str, token: &str, out: &mut Output) -> Result<()> {
    let digest = ApiToken::parse(token).map(|token| token.digest().0);
    // Somebody may name the whole token, which no log is to have.
    let shown = ApiToken::parse(token).map_or_else(|| token.to_owned(), |token| token.shown().to_owned());
    match store.delete_token(user, &digest.unwrap_or_else(|| token.to_owned())).await {
        Err(error @ StoreError::NotFound { .. }) => bail!("{error}: `orc8r token list {user}` shows them"),
        deleted => deleted?,
    }
    let before = json!({ "user": user, "token": format!("{shown}…") });
    audit::note(store, &format!("token revoke {user}"), Some(before.clone()), None).await;
    out.say(&json!({ "revoked": before }), &format!("token {shown}… of {user} is not accepted any more\n"))
}
