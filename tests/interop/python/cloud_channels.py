"""Channels to a cloud in direct mode, as existing Python agents open them.

The TCP target is an address; the service is named by the overridden target name, which is at once TLS server name,
verified name and `:authority`: `state-controller.<domain>`.
"""

import dataclasses

import grpc

# What existing agents offer. With TLS 1.3 it does not matter, with TLS 1.2 one of these has to do.
CIPHER_SUITES = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-GCM-SHA256", "AES256-SHA384", "AES128-SHA256")
    for key in ("ECDSA", "RSA")
)


@dataclasses.dataclass(frozen=True)
class Credentials:
    """What a gateway presents: its certificate and key, both PEM."""

    certificate: bytes
    key: bytes


@dataclasses.dataclass(frozen=True)
class Cloud:
    """Where the two ports of a cloud are, and whom to believe."""

    gateways: str
    bootstrap: str
    domain: str
    root_ca: bytes

    def service(self, name, credentials=None):
        """A channel to the port for gateways."""
        return self._channel(self.gateways, name, credentials)

    def service_behind_proxy(self, name, credentials):
        """The same as a gateway's control proxy does it: TLS knows the controller, `:authority` the service."""
        authority = ("grpc.default_authority", f"{name}-controller.{self.domain}")
        return self._channel(self.gateways, name, credentials, f"controller.{self.domain}", authority)

    def open_port(self, name="bootstrapper"):
        """A channel to the port that asks for no certificate."""
        return self._channel(self.bootstrap, name, None)

    def _channel(self, address, name, credentials, server_name=None, *more_options):
        tls = grpc.ssl_channel_credentials(
            root_certificates=self.root_ca,
            private_key=credentials and credentials.key,
            certificate_chain=credentials and credentials.certificate,
        )
        options = (
            ("grpc.ssl_target_name_override", server_name or f"{name}-controller.{self.domain}"),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
            # Without it, channels with equal arguments share one connection, and the steps would not be apart.
            ("grpc.use_local_subchannel_pool", 1),
            *more_options,
        )
        return grpc.secure_channel(address, tls, options)
