//! The two curves: their arithmetic on plain bytes, so that everything above is written once.

use ::ecdsa::elliptic_curve::{PublicKey, SecretKey};
use ::ecdsa::hazmat::{sign_prehashed_rfc6979, verify_prehashed};
use ::ecdsa::signature;

use crate::digest::Sha256;

/// A curve of NIST, as keys and certificates name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// secp256r1: what gateways have in their certificates.
    P256,
    /// secp384r1: challenge keys, and some authorities.
    P384,
}

/// What is computed on one curve, on bytes. Points are uncompressed (SEC1 §2.3.3); all else are big-endian numbers as
/// long as the curve's field.
#[expect(clippy::type_complexity, reason = "each is named, and used once")]
struct Arithmetic {
    public: fn(&[u8]) -> Option<Vec<u8>>,
    agree: fn(&[u8], &[u8]) -> Option<Vec<u8>>,
    sign: fn(&[u8], &[u8]) -> Option<Vec<u8>>,
    verify: fn(&[u8], &[u8], &[u8], &[u8]) -> bool,
}

macro_rules! arithmetic {
    ($curve:ty) => {
        Arithmetic {
            public: |secret| {
                let secret = SecretKey::<$curve>::from_slice(secret).ok()?;
                Some(secret.public_key().to_sec1_bytes().into_vec())
            },
            agree: |secret, peer| {
                use ::ecdsa::elliptic_curve::point::AffineCoordinates as _;
                let secret = SecretKey::<$curve>::from_slice(secret).ok()?;
                let peer = PublicKey::<$curve>::from_sec1_bytes(peer).ok()?;
                let shared = peer.to_projective() * &*secret.to_nonzero_scalar();
                Some(shared.to_affine().x().to_vec())
            },
            sign: |secret, hash| {
                let secret = SecretKey::<$curve>::from_slice(secret).ok()?;
                let (signature, _) =
                    sign_prehashed_rfc6979::<$curve, Sha256>(&secret.to_nonzero_scalar(), hash, &[]);
                Some(signature.to_bytes().to_vec())
            },
            verify: |point, hash, r, s| {
                let check = || -> signature::Result<()> {
                    let bad = |_| signature::Error::new();
                    let point = PublicKey::<$curve>::from_sec1_bytes(point).map_err(bad)?;
                    let signature = ::ecdsa::Signature::<$curve>::from_slice(&[r, s].concat())?;
                    verify_prehashed(&point.to_projective(), hash, &signature)
                };
                check().is_ok()
            },
        }
    };
}

static P256: Arithmetic = arithmetic!(p256::NistP256);
static P384: Arithmetic = arithmetic!(p384::NistP384);

impl Curve {
    /// Bytes of a number on this curve.
    pub fn length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The public point of a secret number; none when that is zero or not below the curve's order.
    pub(crate) fn public(self, secret: &[u8]) -> Option<Vec<u8>> {
        (self.arithmetic().public)(secret)
    }

    /// The number that both sides of a key exchange find (ECDH); none when the peer's point is not on the curve.
    pub(crate) fn agree(self, secret: &[u8], peer: &[u8]) -> Option<Vec<u8>> {
        (self.arithmetic().agree)(secret, peer)
    }

    /// `r` and `s` of a deterministic signature (RFC 6979), one after the other.
    pub(crate) fn sign(self, secret: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
        (self.arithmetic().sign)(secret, hash)
    }

    /// Whether `r` and `s`, both as long as the field, are a signature of the hash.
    pub(crate) fn verify(self, point: &[u8], hash: &[u8], r: &[u8], s: &[u8]) -> bool {
        point.len() == 2 * self.length() + 1 && (self.arithmetic().verify)(point, hash, r, s)
    }

    fn arithmetic(self) -> &'static Arithmetic {
        match self {
            Self::P256 => &P256,
            Self::P384 => &P384,
        }
    }

    /// The curve's object identifier, as an element.
    pub(crate) fn identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\x06\x05\x2b\x81\x04\x00\x22",
        }
    }

    /// The curve of an object identifier's contents.
    pub(crate) fn of_identifier(contents: &[u8]) -> Option<Self> {
        [Self::P256, Self::P384].into_iter().find(|curve| &curve.identifier()[2..] == contents)
    }
}
