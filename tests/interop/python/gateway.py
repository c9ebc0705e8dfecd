"""A gateway on Python's gRPC stack, as far as its cloud sees it: joins, checks in, is configured, answers SyncRPC.

On the way it tries what a gateway must not be able to do. Every step is one JSON line on standard output, whatever
its outcome: the caller judges. When all is tried it keeps the SyncRPC stream open and takes commands on standard
input, one word a line: `configs` polls again, `follow` asks to be pushed to, `state` checks in again, `heartbeat` sends
one, `reopen` leaves the stream and opens it anew under its older name, `subscribers` makes its copy of them current, `sms`
fetches their short messages. The end of input ends it.
"""

import argparse
import datetime
import os
import pathlib
import sys
import uuid

sys.dont_write_bytecode = True

import bootstrap
import cloud_channels
import contract as wire
import gateway_identity
from authority import Authority
from cloud_calls import CloudCalls
from cloud_subscribers import Subscribers
from gateway_sync_rpc import SyncRpc
from report import say


def main():
    """Runs all steps."""
    arguments = _arguments()
    os.environ["GRPC_SSL_CIPHER_SUITES"] = cloud_channels.CIPHER_SUITES
    contract = wire.compile_into(arguments.scratch)
    cloud = cloud_channels.Cloud(
        arguments.cloud, arguments.bootstrap, arguments.domain, arguments.root_ca.read_bytes()
    )
    hardware_id = str(uuid.uuid4())
    credentials = _join(contract, cloud, hardware_id, arguments)
    echo = bootstrap.Joining(contract, cloud, arguments.echo_hardware_id)
    echo_credentials = echo.by_echo("bootstrap_by_echo")
    echo.by_ecdsa("bootstrap_by_ecdsa_though_it_has_no_key")
    echo.close()
    if credentials is None or echo_credentials is None:
        raise SystemExit("not bootstrapped: no further step makes sense")
    calls = CloudCalls(contract, cloud, hardware_id, credentials)
    _use(calls, arguments)
    _misuse(calls, hardware_id, credentials, echo_credentials, arguments)
    _serve(calls, SyncRpc(contract, cloud, credentials), Subscribers(contract, calls))


def _join(contract, cloud, hardware_id, arguments):
    joining = bootstrap.Joining(contract, cloud, hardware_id)
    say("gateway", hardware_id=hardware_id, key=gateway_identity.public_key_base64(joining.challenge_key).decode())
    joining.get_challenge("challenge_before_registration")
    joining.register("register_with_unknown_token", "reg_" + "x" * 30)
    joining.register("register_with_short_token", "r")
    joining.register("register", arguments.token)
    joining.register("register_again", arguments.token)
    joining.register("register_another_with_same_token", arguments.token, str(uuid.uuid4()))
    joining.get_challenge("challenge")
    bootstrap.refusals(joining, contract, arguments.echo_hardware_id, arguments.operator)
    joining.as_go_agents_do("bootstrap_as_go_agents_do")
    credentials = joining.by_ecdsa("bootstrap_by_ecdsa")
    joining.close()
    return credentials


def _use(calls, arguments):
    calls.report_state("state")
    calls.report_state_behind_proxy("state_behind_proxy")
    calls.report_nothing("no_state")
    calls.get_configs("configs")
    calls.get_configs("configs_as_another", arguments.echo_hardware_id)
    calls.send_metrics("metrics")


def _misuse(calls, hardware_id, credentials, echo_credentials, arguments):
    own, others = (gateway_identity.serial(held.certificate) for held in (credentials, echo_credentials))
    calls.on_open_port("open_port_with_internal_serial")
    calls.on_open_port("open_port_with_real_serial", own)
    calls.report_too_much("state_too_large")
    calls.report_state("state_of_another", device_id=arguments.echo_hardware_id)
    calls.in_the_name_of("state_with_headers_of_another", others, arguments.echo_hardware_id)
    calls.with_other_credentials("no_certificate", None)
    calls.with_other_credentials("foreign_certificate", _foreign(hardware_id))
    calls.issue_token("token_for_itself", arguments.network, arguments.gateway)
    if arguments.rest:
        calls.administrate("rest_with_gateway_certificate", arguments.rest)


def _foreign(hardware_id):
    """A certificate with the right name, signed by a CA that nobody knows."""
    key = gateway_identity.new_gateway_key()
    lifetime = datetime.timedelta(days=4)
    certificate = Authority("somebody else's CA").client_certificate(key.public_key(), hardware_id, lifetime)
    der = gateway_identity.der(certificate)
    return cloud_channels.Credentials(gateway_identity.pem(der), gateway_identity.private_pem(key))


def _serve(calls, sync_rpc, subscribers):
    commands = {
        "configs": lambda: calls.get_configs("configs"),
        "follow": lambda: calls.follow_configs("pushed"),
        "state": lambda: calls.report_state("state"),
        "heartbeat": sync_rpc.heartbeat,
        "reopen": sync_rpc.reopen,
        "subscribers": lambda: subscribers.sync("subscribers"),
        "sms": lambda: subscribers.short_messages("sms"),
    }
    for line in sys.stdin:
        commands[line.strip()]()
    sync_rpc.close()
    say("ended")


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cloud", required=True, help="address:port for gateways")
    parser.add_argument("--bootstrap", required=True, help="address:port without client certificates")
    parser.add_argument("--rest", help="address:port of the REST API, if there is one to try")
    parser.add_argument("--domain", required=True, help="the cloud's domain, without any service's name")
    parser.add_argument("--root-ca", required=True, type=pathlib.Path, help="PEM file of the CA to believe")
    parser.add_argument("--network", required=True, help="the network that the token is for")
    parser.add_argument("--gateway", required=True, help="the gateway that the token is for")
    parser.add_argument("--token", required=True, help="a fresh registration token")
    parser.add_argument("--echo-hardware-id", required=True, help="a gateway of kind ECHO that the cloud knows")
    parser.add_argument("--operator", default="admin_operator", help="an operator whose name to try")
    parser.add_argument("--scratch", required=True, type=pathlib.Path, help="an empty folder for the stubs")
    return parser.parse_args()


if __name__ == "__main__":
    main()
