//! The REST API of the Orchestrator: one file per resource.
