//! A gateway's identity: hardware id, challenge key, certificate pair on disk.
