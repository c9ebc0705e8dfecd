//! Remote commands: requests of the cloud, passed to the services of this gateway over a stream that it opened.

pub mod machine;
