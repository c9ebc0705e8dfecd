//! The Orchestrator.
