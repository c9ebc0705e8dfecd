//! TLS, gRPC channels and servers, and Magma's naming of services.
