//! Certificate authorities, and the decisions of certifier and bootstrapper.
