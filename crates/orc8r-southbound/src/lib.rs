//! The gRPC services that gateways call, and the SyncRPC broker.
