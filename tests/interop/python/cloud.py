"""An Orchestrator on Python's gRPC stack, as far as a gateway sees it.

Tells on standard output, one JSON line each, where it listens and what it receives. Standard input takes one command
a line, a word and its JSON argument; `_COMMANDS` lists them. The end of input ends it.
"""

import argparse
import concurrent.futures
import json
import pathlib
import sys

sys.dont_write_bytecode = True

import grpc

import cloud_joining
import cloud_services
import contract as wire
import gateway_identity
from authority import new_server_key
from cloud_state import CloudState
from cloud_sync_rpc import Dispatcher
from report import say

# A stream keeps a thread for as long as it is open.
_THREADS = 32


class Cloud:
    """Two servers: one for gateways with a certificate, one for those that want one."""

    def __init__(self, contract, domain):
        self._contract = contract
        self.state = CloudState(domain)
        self.dispatcher = Dispatcher(contract, self.state)
        key = new_server_key()
        names = [f"*.{domain}", f"controller.{domain}", domain]
        certificate = self.state.root.server_certificate(key, names)
        self._identity = [(gateway_identity.private_pem(key), certificate)]
        self._bootstrap, self._bootstrap_port = None, 0
        self._gateways, self._gateways_port = None, 0

    def start(self):
        """Opens both ports: the same ones each time."""
        self._gateways, self._gateways_port = self._serve(self._gateways_port, for_gateways=True)
        self._bootstrap, self._bootstrap_port = self._serve(self._bootstrap_port, for_gateways=False)
        say(
            "listening",
            cloud_port=self._gateways_port,
            bootstrap_port=self._bootstrap_port,
            root_ca=self.state.root.pem.decode(),
        )

    def stop(self):
        """Closes both ports and every connection, at once."""
        for server in (self._gateways, self._bootstrap):
            server.stop(grace=None).wait()
        say("stopped")

    def drop(self):
        """Ends all streams with an error, and nothing else."""
        self.state.drop_streams()
        self.dispatcher.drop_streams()
        say("dropped")

    def _serve(self, port, for_gateways):
        threads = concurrent.futures.ThreadPoolExecutor(max_workers=_THREADS)
        server = grpc.server(threads, options=(("grpc.so_reuseport", 0),))
        services = _WithAuthority(server)
        if for_gateways:
            cloud_services.add_to(services, self._contract, self.state)
            self.dispatcher.add_to(services)
            tls = grpc.ssl_server_credentials(self._identity, self.state.certifier.pem, require_client_auth=True)
        else:
            cloud_joining.add_to(services, self._contract, self.state, self._control_proxy)
            tls = grpc.ssl_server_credentials(self._identity)
        port = server.add_secure_port(f"127.0.0.1:{port}", tls)
        server.start()
        return server, port

    def _control_proxy(self):
        domain = self.state.domain
        return (
            f"cloud_address: controller.{domain}\n"
            f"cloud_port: {self._gateways_port}\n"
            f"bootstrap_address: bootstrapper-controller.{domain}\n"
            f"bootstrap_port: {self._bootstrap_port}\n"
            "proxy_cloud_connections: False\n"
        )


class _WithAuthority:
    """Adds services to a server in the way that lets a call tell its `:authority`: not registered one by one."""

    def __init__(self, server):
        self.add_generic_rpc_handlers = server.add_generic_rpc_handlers

    def add_registered_method_handlers(self, service_name, method_handlers):
        """Leaves the methods to the generic handlers."""


_COMMANDS = {
    # {"hardware_id": …, "key": base64 or null for ECHO}
    "device": lambda cloud, argument: cloud.state.add_device(argument["hardware_id"], argument["key"]),
    # "reg_…": lets one gateway register
    "token": lambda cloud, argument: cloud.state.add_token(argument),
    # {service: {"@type": …, …}}
    "config": lambda cloud, argument: cloud.state.set_configs(argument),
    # true | false: whether configuration streams stay open
    "hold": lambda cloud, argument: cloud.state.hold_streams(argument),
    # {"gateway": …, "service": "magmad", "path": "/magma.orc8r.Magmad/…", "parameters": {…}}
    "call": lambda cloud, argument: cloud.dispatcher.call(**argument),
    # the number of a request
    "give_up": lambda cloud, argument: cloud.dispatcher.give_up(argument),
    "heartbeat": lambda cloud, _: cloud.dispatcher.heartbeat(),
    "drop": lambda cloud, _: cloud.drop(),
    "revoke": lambda cloud, _: cloud.state.revoke_all(),
    "stop": lambda cloud, _: cloud.stop(),
    "start": lambda cloud, _: cloud.start(),
}


def main():
    """Serves until standard input ends or says `quit`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--domain", required=True, help="the cloud's domain, without any service's name")
    parser.add_argument("--scratch", required=True, type=pathlib.Path, help="an empty folder for the stubs")
    arguments = parser.parse_args()
    cloud = Cloud(wire.compile_into(arguments.scratch), arguments.domain)
    cloud.start()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "quit":
            break
        _COMMANDS[command](cloud, json.loads(argument) if argument else None)
    cloud.stop()


if __name__ == "__main__":
    main()
