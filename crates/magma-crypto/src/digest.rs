//! ring's SHA-256 in the shape that RFC 6979's generator wants, so that the program carries the hash once.

use ::ecdsa::signature::digest::block_api::BlockSizeUser;
use ::ecdsa::signature::digest::common::OutputSizeUser;
use ::ecdsa::signature::digest::consts::{U32, U64};
use ::ecdsa::signature::digest::{FixedOutput, HashMarker, Output, Update};
use ring::digest::{Context, SHA256};

#[derive(Clone)]
pub(crate) struct Sha256(Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl HashMarker for Sha256 {}

impl OutputSizeUser for Sha256 {
    type OutputSize = U32;
}

impl BlockSizeUser for Sha256 {
    type BlockSize = U64;
}

impl Update for Sha256 {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
}

impl FixedOutput for Sha256 {
    fn finalize_into(self, out: &mut Output<Self>) {
        out.copy_from_slice(self.0.finish().as_ref());
    }
}
