"""A service of a gateway that logs events with Google's gRPC stack, its messages compiled from the contract.

Takes the folder of the contract's `.proto` files and the port of `eventd`. Each line of standard input is an event
(`[type, value]` as JSON); for each, one line of standard output has the status code and the details.
"""

import json
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])

import grpc

messages, services = grpc.protos_and_services("orc8r/protos/eventd.proto")

with grpc.insecure_channel(f"127.0.0.1:{sys.argv[2]}") as channel:
    stub = services.EventServiceStub(channel)
    for line in sys.stdin:
        event_type, value = json.loads(line)
        event = messages.Event(stream_name="sessiond", event_type=event_type, tag="IMSI001", value=value)
        try:
            stub.LogEvent(event, timeout=100)
            print("OK", flush=True)
        except grpc.RpcError as error:
            print(error.code().name, error.details(), flush=True)
