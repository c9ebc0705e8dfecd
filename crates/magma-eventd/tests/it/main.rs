//! Events through sockets: from a gRPC client to whatever takes the place of `td-agent-bit`.

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod foreign;
