//! OpenID Connect: an operator's own directory says who a person is (authorization code flow with PKCE).
//!
//! What is here is pure: what a provider's answers must be, and what they mean for us. Who fetches them is the caller.
//! Signatures are checked by ring, which TLS uses too: RS256 and ES256, and nothing else, whatever a token names.

mod attempt;
mod claims;
mod id_token;
mod provider;
mod settings;

pub use attempt::Attempt;
pub use claims::{Person, Unmapped};
pub use id_token::{Claims, Expected, TokenProblem, verify};
pub use provider::{AnswerProblem, KeySet, Metadata};
pub use settings::{Role, RoleRule, Settings, SettingsProblem};
