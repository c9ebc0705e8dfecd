//! The cryptography of our client side: TLS with the few algorithms that every server of this decade has.
//!
//! rustls' own collection for ring names all that ring can do, and so carries all of it: a table of 150 kB for P-256,
//! another of 24 kB for X25519, four versions of ChaCha20. Here are AES-GCM from ring, and P-256 and P-384 from
//! `magma-crypto`; RFC 8446 §9.1 obliges every server of TLS 1.3 to have AES-128-GCM and P-256, as those of TLS 1.2
//! have.

use std::fmt;
use std::sync::Arc;

use magma_crypto::{Curve, Hash, PrivateKey, verify};
use rustls::crypto::ring::cipher_suite;
use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, SharedSecret,
    SupportedKxGroup, WebPkiSupportedAlgorithms,
};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, SignatureVerificationAlgorithm,
    SubjectPublicKeyInfoDer, alg_id,
};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, NamedGroup, PeerMisbehaved, SignatureAlgorithm, SignatureScheme, SupportedCipherSuite};
use webpki::ring as rings;

static CIPHER_SUITES: &[SupportedCipherSuite] = &[
    cipher_suite::TLS13_AES_256_GCM_SHA384,
    cipher_suite::TLS13_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
];

static KEY_EXCHANGES: &[&dyn SupportedKxGroup] = &[&Group(Curve::P256), &Group(Curve::P384)];

/// What signatures of servers and their authorities may be.
static SIGNATURES: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        P256_SHA256,
        P256_SHA384,
        P384_SHA256,
        P384_SHA384,
        rings::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        rings::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
        rings::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
        rings::RSA_PKCS1_2048_8192_SHA256,
        rings::RSA_PKCS1_2048_8192_SHA384,
        rings::RSA_PKCS1_2048_8192_SHA512,
        rings::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
        rings::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
        rings::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    ],
    // In TLS 1.3 a scheme fixes the curve, which is then that of the first algorithm; in TLS 1.2 it does not.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[P384_SHA384, P256_SHA384]),
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[P256_SHA256, P384_SHA256]),
        (SignatureScheme::RSA_PSS_SHA512, &[rings::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA384, &[rings::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (SignatureScheme::RSA_PSS_SHA256, &[rings::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[rings::RSA_PKCS1_2048_8192_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[rings::RSA_PKCS1_2048_8192_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[rings::RSA_PKCS1_2048_8192_SHA256]),
    ],
};

static P256_SHA256: &dyn SignatureVerificationAlgorithm = &Verification(Curve::P256, Hash::Sha256);
static P256_SHA384: &dyn SignatureVerificationAlgorithm = &Verification(Curve::P256, Hash::Sha384);
static P384_SHA256: &dyn SignatureVerificationAlgorithm = &Verification(Curve::P384, Hash::Sha256);
static P384_SHA384: &dyn SignatureVerificationAlgorithm = &Verification(Curve::P384, Hash::Sha384);

/// The cryptography of a client.
pub(super) fn client() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: CIPHER_SUITES.to_vec(),
        kx_groups: KEY_EXCHANGES.to_vec(),
        signature_verification_algorithms: SIGNATURES,
        secure_random: &Random,
        key_provider: &NoKeys,
    }
}

/// The same suites and curves, by ring alone.
#[cfg(feature = "server-tls")]
pub(super) fn client_of_ring() -> CryptoProvider {
    use rustls::crypto::ring::{default_provider, kx_group};
    CryptoProvider {
        cipher_suites: CIPHER_SUITES.to_vec(),
        kx_groups: vec![kx_group::SECP256R1, kx_group::SECP384R1],
        ..default_provider()
    }
}

/// The operating system's random numbers.
#[derive(Debug)]
struct Random;

impl SecureRandom for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        use ring::rand::{SecureRandom as _, SystemRandom};
        SystemRandom::new().fill(bytes).map_err(|_| GetRandomFailed)
    }
}

/// Keys come to rustls as what they are ([`Key`]), never as bytes.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("keys are read elsewhere".to_owned()))
    }
}

/// A key exchange on one curve (ECDHE).
struct Group(Curve);

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl SupportedKxGroup for Group {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let ours = PrivateKey::generate(self.0).ok_or(Error::FailedToGetRandomBytes)?;
        Ok(Box::new(Exchange { group: self.name(), ours }))
    }

    fn name(&self) -> NamedGroup {
        match self.0 {
            Curve::P256 => NamedGroup::secp256r1,
            Curve::P384 => NamedGroup::secp384r1,
        }
    }
}

struct Exchange {
    group: NamedGroup,
    ours: PrivateKey,
}

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, Error> {
        let shared = self.ours.agree(theirs).ok_or(PeerMisbehaved::InvalidKeyShare)?;
        Ok(SharedSecret::from(&shared[..]))
    }

    fn pub_key(&self) -> &[u8] {
        self.ours.point()
    }

    fn group(&self) -> NamedGroup {
        self.group
    }
}

/// How a signature of an elliptic-curve key is verified.
#[derive(Debug)]
struct Verification(Curve, Hash);

impl SignatureVerificationAlgorithm for Verification {
    fn verify_signature(
        &self,
        point: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        verify(self.0, point, self.1, message, signature).then_some(()).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self.0 {
            Curve::P256 => alg_id::ECDSA_P256,
            Curve::P384 => alg_id::ECDSA_P384,
        }
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self.1 {
            Hash::Sha256 => alg_id::ECDSA_SHA256,
            Hash::Sha384 => alg_id::ECDSA_SHA384,
        }
    }
}

/// Our own key, which signs the handshake.
#[derive(Clone, Debug)]
pub(super) struct Key(pub(super) PrivateKey);

impl Key {
    fn scheme_and_hash(&self) -> (SignatureScheme, Hash) {
        match self.0.curve() {
            Curve::P256 => (SignatureScheme::ECDSA_NISTP256_SHA256, Hash::Sha256),
            Curve::P384 => (SignatureScheme::ECDSA_NISTP384_SHA384, Hash::Sha384),
        }
    }
}

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        if offered.contains(&self.scheme()) { Some(Box::new(self.clone())) } else { None }
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(self.0.public_key_der()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(self.scheme_and_hash().1, message).der())
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme_and_hash().0
    }
}
