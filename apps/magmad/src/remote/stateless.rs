//! `CheckStateless` and `ConfigureStateless`: whether an access gateway's processes can restart without losing sessions.

use std::sync::Arc;

use magma_config::stateless::{self, AgwMode, StatelessError};
use magma_config::{Paths, override_file::OverrideError};
use magma_rpc::Status;
use wire_orc8r::orc8r::check_stateless_response::AgwMode as WireMode;
use wire_orc8r::orc8r::configure_stateless_request::Cmd;
use wire_orc8r::orc8r::{CheckStatelessResponse, ConfigureStatelessRequest};

use crate::services::Services;

/// The mode of this gateway.
#[derive(Clone, Debug)]
pub struct Statelessness {
    paths: Paths,
    services: Arc<Services>,
}

impl Statelessness {
    /// The mode that the files in `paths` say; a change restarts the data plane of `services`.
    pub fn new(paths: Paths, services: Arc<Services>) -> Self {
        Self { paths, services }
    }

    /// How this gateway is configured.
    ///
    /// # Errors
    /// `FAILED_PRECONDITION` when it is no access gateway.
    pub fn check(&self) -> Result<CheckStatelessResponse, Status> {
        let mode = match stateless::mode(&self.paths).map_err(|error| status(&error))? {
            AgwMode::Stateless => WireMode::Stateless,
            AgwMode::Stateful => WireMode::Stateful,
            AgwMode::Corrupt => WireMode::Corrupt,
        };
        Ok(CheckStatelessResponse { agw_mode: mode.into() })
    }

    /// Makes this gateway stateless or not, and restarts sctpd, which restarts the rest of the data plane.
    /// `CHECK` does nothing, as with Magma.
    ///
    /// # Errors
    /// As [`Self::check`]; `INVALID_ARGUMENT` for a command that does not exist; `INTERNAL` when a file cannot be changed
    /// or sctpd does not restart.
    pub async fn configure(&self, request: &ConfigureStatelessRequest) -> Result<(), Status> {
        let stateless = match Cmd::try_from(request.config_cmd) {
            Ok(Cmd::Check) => return Ok(()),
            Ok(Cmd::Enable) => true,
            Ok(Cmd::Disable) => false,
            Err(_) => {
                let words =
                    format!("there is no command {}; 0 checks, 1 disables, 2 enables", request.config_cmd);
                return Err(Status::invalid_argument(words));
            }
        };
        stateless::configure(&self.paths, stateless).map_err(|error| status(&error))?;
        tracing::warn!(stateless, "the access gateway's mode was changed; sctpd restarts");
        self.services.restart_sctpd().await.map_err(|error| {
            Status::internal(format!(
                "the mode is changed, but takes effect only when sctpd restarts: {error}"
            ))
        })
    }
}

fn status(error: &StatelessError) -> Status {
    match error {
        StatelessError::NoAccessGateway { .. } => Status::failed_precondition(error.to_string()),
        StatelessError::Override(OverrideError::Io { .. } | OverrideError::Unusable { .. }) => {
            Status::internal(error.to_string())
        }
    }
}
