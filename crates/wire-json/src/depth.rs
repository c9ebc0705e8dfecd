//! How deep messages may lie in each other.

/// Levels of messages, the outermost counted. No message of the contract contains itself, so that no configuration
/// comes near it; without a bound, one that does would let its writer exhaust our stack.
const DEPTH_MAX: u8 = 64;

/// How many messages lie around the one at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth(u8);

impl Depth {
    /// Around the outermost message there is none.
    pub const OUTSIDE: Self = Self(0);

    /// Of what lies in the message at hand; none when that is too deep.
    pub fn inside(self) -> Option<Self> {
        (self.0 < DEPTH_MAX).then_some(Self(self.0 + 1))
    }
}
