//! Our gateway agent and our Orchestrator, each against a stranger on the other side of the wire.
//!
//! The strangers are small Python programs of ours on Google's gRPC stack, in `python/`: a gateway and an
//! Orchestrator that behave on the wire as the existing ones do. Our own crates talk to each other in many tests;
//! only here does a mistake show that both our sides would make alike. The tests need `python3` with the modules of
//! `python/requirements.txt`, and say that they are skipped where it is absent; nothing needs the network.
