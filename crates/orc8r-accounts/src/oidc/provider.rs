//! What a provider says of itself: where it is asked (OpenID Connect Discovery 1.0) and with which keys it signs (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// More keys than anybody rotates through.
const KEYS_MAX: usize = 64;

/// Where a provider is asked for what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    issuer: String,
    /// Where a person signs in.
    pub authorization_endpoint: String,
    /// Where a code becomes a token.
    pub token_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Why an answer of the provider is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerProblem {
    /// It is no JSON of the kind.
    #[error("its {what} cannot be read")]
    Unreadable {
        /// What it should be.
        what: &'static str,
    },
    /// It speaks for another issuer.
    #[error("it calls itself {0:?}, which is not the issuer that is configured")]
    OtherIssuer(String),
    /// An address is not protected by TLS.
    #[error("its {0} is no https URL")]
    NotTls(&'static str),
    /// It has no key of a kind that we take.
    #[error("it has no key for RS256 or ES256")]
    NoKeys,
}

impl Metadata {
    /// Where an issuer's metadata is.
    pub fn url(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// Reads what is answered there.
    ///
    /// # Errors
    /// [`AnswerProblem`] when it is not this issuer's, or an address is not `https`.
    pub fn parse(json: &[u8], issuer: &str) -> Result<Self, AnswerProblem> {
        let unreadable = |_| AnswerProblem::Unreadable { what: "description" };
        let metadata: Self = serde_json::from_slice(json).map_err(unreadable)?;
        if metadata.issuer != issuer {
            return Err(AnswerProblem::OtherIssuer(metadata.issuer.chars().take(200).collect()));
        }
        for (name, url) in [
            ("authorization_endpoint", &metadata.authorization_endpoint),
            ("token_endpoint", &metadata.token_endpoint),
            ("jwks_uri", &metadata.jwks_uri),
        ] {
            if !url.starts_with("https://")
                || url.contains('#')
                || !url.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Err(AnswerProblem::NotTls(name));
            }
        }
        Ok(metadata)
    }

    /// Whether the client's secret goes into the form, because the provider does not take it in a header.
    pub fn wants_secret_in_form(&self) -> bool {
        let takes = |method| self.token_endpoint_auth_methods_supported.iter().any(|one| one == method);
        takes("client_secret_post") && !takes("client_secret_basic")
    }
}

/// The keys with which a provider signs.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Clone)]
struct Key {
    id: Option<String>,
    public: PublicKey,
}

#[derive(Debug, Clone)]
enum PublicKey {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed: 4, x, y.
    P256(Vec<u8>),
}

/// How a token is signed. There are no others: `none` and the keyed hashes are no signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys of other kinds, for other uses and for other algorithms are passed over.
    ///
    /// # Errors
    /// [`AnswerProblem`] when none is left.
    pub fn parse(json: &[u8]) -> Result<Self, AnswerProblem> {
        let unreadable = AnswerProblem::Unreadable { what: "key set" };
        let value: Value = serde_json::from_slice(json).map_err(|_| unreadable.clone())?;
        let listed = value["keys"].as_array().ok_or(unreadable)?;
        let keys: Vec<Key> = listed.iter().take(KEYS_MAX).filter_map(Key::parse).collect();
        if keys.is_empty() { Err(AnswerProblem::NoKeys) } else { Ok(Self { keys }) }
    }

    /// Whether one of the keys that can be meant made this signature; `None`: there is no such key.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let is_meant =
            |key: &&Key| id.is_none_or(|id| key.id.as_deref() == Some(id)) && key.public.is_for(algorithm);
        let mut meant = self.keys.iter().filter(is_meant).peekable();
        meant.peek()?;
        Some(meant.any(|key| key.public.verifies(message, signature)))
    }
}

impl Key {
    fn parse(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk[name].as_str();
        let octets = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let (algorithm, public) = match text("kty")? {
            "RSA" => {
                let number = |name| Some(octets(name)?.into_iter().skip_while(|octet| *octet == 0).collect());
                (Algorithm::Rs256, PublicKey::Rsa { n: number("n")?, e: number("e")? })
            }
            "EC" if text("crv")? == "P-256" => {
                let (x, y) = (octets("x")?, octets("y")?);
                let point = (x.len() == 32 && y.len() == 32).then(|| [vec![4], x, y].concat())?;
                (Algorithm::Es256, PublicKey::P256(point))
            }
            _ => return None,
        };
        let is_other = text("alg").is_some_and(|name| Algorithm::named(name) != Some(algorithm));
        (!is_other).then(|| Self { id: text("kid").map(str::to_owned), public })
    }
}

impl PublicKey {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        matches!((self, algorithm), (Self::Rsa { .. }, Algorithm::Rs256) | (Self::P256(_), Algorithm::Es256))
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
        }
    }
}
