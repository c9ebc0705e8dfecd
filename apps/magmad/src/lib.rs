//! The gateway agent.
