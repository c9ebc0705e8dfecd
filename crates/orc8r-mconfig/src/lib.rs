//! From what the Orchestrator knows of a gateway to its gateway.mconfig, purely.
