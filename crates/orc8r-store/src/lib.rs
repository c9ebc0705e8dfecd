//! Where the Orchestrator keeps what it knows: SQLite, numbered migrations.
