//! The files of a gateway: /etc/magma/*.yml, overrides and gateway.mconfig, typed.
