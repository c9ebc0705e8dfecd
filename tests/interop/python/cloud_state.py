"""What an Orchestrator remembers: its authorities, devices, tokens, certificates, and the configuration to stream."""

import json
import threading
import time

import grpc
from cryptography import x509

from authority import Authority


class Dropped(Exception):
    """A stream that was open is to fail now."""


class CloudState:
    """Shared by all services of one cloud; its methods may be called from any thread."""

    def __init__(self, domain):
        self.domain = domain
        self.root = Authority("root CA of the servers")
        self.certifier = Authority("certifier of the gateways")
        self._changed = threading.Condition()
        self._devices = {}
        self._tokens = set()
        self._serials = set()
        self._configs = {}
        self._hold_streams = False
        self._drops = 0

    def add_device(self, hardware_id, key):
        """Registers a gateway with its public key in base64, or with None for the kind ECHO."""
        with self._changed:
            self._devices[hardware_id] = key

    def device(self, hardware_id):
        """The device's key, or None. KeyError when it is not known."""
        with self._changed:
            return self._devices[hardware_id]

    def add_token(self, token):
        """Lets one gateway register."""
        with self._changed:
            self._tokens.add(token)

    def use_token(self, token):
        """Whether the token was valid; it is not any more."""
        with self._changed:
            valid = token in self._tokens
            self._tokens.discard(token)
            return valid

    def add_serial(self, serial):
        """Accepts a certificate from now on."""
        with self._changed:
            self._serials.add(serial)

    def revoke_all(self):
        """Accepts none of the certificates given so far."""
        with self._changed:
            self._serials.clear()

    def caller(self, context):
        """The hardware id of the calling gateway, from its TLS certificate; ends the call when it is revoked."""
        pem = context.auth_context()["x509_pem_cert"][0]
        certificate = x509.load_pem_x509_certificate(pem)
        with self._changed:
            known = certificate.serial_number in self._serials
        if not known:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "Unknown Client Certificate")
        (name,) = certificate.subject
        return name.value

    def set_configs(self, configs_by_key):
        """Streams another configuration."""
        with self._changed:
            self._configs = configs_by_key
            self._changed.notify_all()

    def hold_streams(self, hold):
        """Whether a configuration stream stays open after its batch, as its name promises, or ends, as in fact."""
        with self._changed:
            self._hold_streams = hold

    def drop_streams(self):
        """Lets every stream that is open now fail."""
        with self._changed:
            self._drops += 1
            self._changed.notify_all()

    def config_batches(self, context):
        """The configuration as streamed JSON, and each later one while streams are held; ends with the caller.

        Raises `Dropped` when streams are dropped.
        """
        with self._changed:
            drops, hold = self._drops, self._hold_streams
            told = self._configs
        yield _document(told)
        while hold and context.is_active():
            with self._changed:
                self._changed.wait(timeout=0.5)
                if drops != self._drops:
                    raise Dropped
                if told is self._configs:
                    continue
                told = self._configs
            yield _document(told)


def _document(configs_by_key):
    """Camel case around snake case, and a number for a time: what the existing cloud writes by hand."""
    document = {"configsByKey": configs_by_key, "metadata": {"created_at": int(time.time())}}
    return json.dumps(document, separators=(",", ":")).encode()
