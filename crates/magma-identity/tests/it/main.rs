//! The files of this crate, made and read by the tools that other gateways and operators use.

#[cfg(test)]
mod openssl;
