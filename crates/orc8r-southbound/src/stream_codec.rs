//! Messages of streams that stay open for days: what a stream keeps while nothing is said must be little.

use std::marker::PhantomData;

use magma_rpc::ProstCodec;
use magma_rpc::tonic::codec::{BufferSettings, Codec};
use prost::Message;

/// What each direction of a stream begins with; it grows with what is sent. The codec of generated servers keeps 8 kB.
const BUFFER_BYTES: usize = 256;
/// A larger batch of messages goes to HTTP/2 in parts, as with the codec of generated servers.
const YIELD_BYTES: usize = 32 * 1024;

/// The usual encoding of messages sent and received, with small buffers.
pub(crate) struct StreamCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for StreamCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for StreamCodec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = <ProstCodec<T, U> as Codec>::Encoder;
    type Decoder = <ProstCodec<T, U> as Codec>::Decoder;

    fn encoder(&mut self) -> Self::Encoder {
        ProstCodec::<T, U>::raw_encoder(buffers())
    }

    fn decoder(&mut self) -> Self::Decoder {
        ProstCodec::<T, U>::raw_decoder(buffers())
    }
}

fn buffers() -> BufferSettings {
    BufferSettings::new(BUFFER_BYTES, YIELD_BYTES)
}
