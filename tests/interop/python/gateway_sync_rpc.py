"""The gateway's end of SyncRPC: answers remote calls to magmad as an agent's local services would, canned.

What is passed on is HTTP: headers, then pieces of a body that are cut anywhere, and trailers among the headers of the
last piece.
"""

import queue
import threading

import grpc
from google.protobuf import json_format

from grpc_frames import frame, messages
from report import refused, say

_HEADERS = {":status": "200", "content-type": "application/grpc"}
_ENDED = object()


class SyncRpc:
    """One stream, from its first heartbeat until `close`."""

    def __init__(self, contract, cloud, credentials):
        self._contract = contract
        self._wire = contract.sync_rpc_service
        self._channel = cloud.service("dispatcher", credentials)
        self._stub = contract.sync_rpc_service_grpc.SyncRPCServiceStub(self._channel)
        self._open(self._stub.EstablishSyncRPCStream)

    def heartbeat(self):
        """Existing clouds know a gateway to be reachable from its first heartbeat on."""
        self._outgoing.put(self._wire.SyncRPCResponse(heartBeat=True))
        say("sync_rpc_heartbeat")

    def reopen(self):
        """Leaves the stream, and opens it again under the name that old agents use."""
        self._leave()
        self._open(self._stub.SyncRPC)

    def close(self):
        """Leaves the stream for good."""
        self._leave()
        self._channel.close()

    def _open(self, method):
        self._outgoing = queue.SimpleQueue()
        self._stream = method(iter(self._outgoing.get, _ENDED))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.heartbeat()

    def _leave(self):
        """Ends the gateway's direction, then waits for the cloud to end its own."""
        self._outgoing.put(_ENDED)
        self._reader.join(timeout=10)
        self._stream.cancel()
        self._reader.join(timeout=10)

    def _read(self):
        try:
            for request in self._stream:
                self._take(request)
        except grpc.RpcError as error:
            refused("sync_rpc_ended", error)
        else:
            say("sync_rpc_ended", code="OK", details="")

    def _take(self, request):
        if request.heartBeat:
            say("sync_rpc_cloud_heartbeat")
        elif request.connClosed:
            say("sync_rpc_caller_gone", request=request.reqId)
        else:
            self._answer(request.reqId, request.reqBody)

    def _answer(self, request_id, call):
        method = call.path.rpartition("/")[2]
        parameters = self._parameters(method, call.payload)
        say(
            "sync_rpc_request",
            request=request_id,
            gateway=call.gwId,
            authority=call.authority,
            path=call.path,
            headers={name.lower(): value for name, value in call.headers.items()},
            parameters=json_format.MessageToDict(parameters, preserving_proto_field_name=True),
        )
        handler = getattr(self, f"_{method}", None)
        if handler:
            handler(request_id, parameters)
        else:
            self._fail(request_id, grpc.StatusCode.UNIMPLEMENTED, f"no method {method}")

    def _parameters(self, method, payload):
        described = self._contract.magmad.DESCRIPTOR.services_by_name["Magmad"].methods_by_name.get(method)
        name = described.input_type.name if described else "Void"
        message_type = getattr(self._contract.magmad, name, None) or getattr(self._contract.common, name)
        (parameters,) = messages(payload, message_type)
        return parameters

    def _GenericCommand(self, request_id, parameters):
        if parameters.command == "unreachable":
            self._put(request_id, err="connection to the local service is refused")
        elif parameters.command == "refuse":
            self._fail(request_id, grpc.StatusCode.INVALID_ARGUMENT, "no config for refuse")
        elif parameters.command == "as_go_agents_do":
            answer = self._contract.magmad.GenericCommandResponse()
            answer.response.update({"result": 0, "stdout": "", "stderr": ""})
            headers = {"Content-Type": "application/grpc", "Grpc-Status": "0", "Grpc-Message": ""}
            self._put(request_id, status="200", headers=headers, payload=frame(answer))
        else:
            words = json_format.MessageToDict(parameters.params).get("shell_params", [])
            answer = self._contract.magmad.GenericCommandResponse()
            answer.response.update({"returncode": 0, "stdout": " ".join(map(str, words)) + "\n", "stderr": ""})
            self._succeed(request_id, answer)

    def _RunNetworkTests(self, request_id, parameters):
        answer = self._contract.magmad.NetworkTestResponse()
        for ping in parameters.pings:
            answer.pings.add(
                host_or_ip=ping.host_or_ip,
                num_packets=ping.num_packets,
                packets_transmitted=ping.num_packets,
                packets_received=ping.num_packets,
                avg_response_ms=1.5,
            )
        self._succeed(request_id, answer)

    def _TailLogs(self, request_id, parameters):
        """Two messages in two pieces, the cut inside the second message; a sign of life first."""
        first, second = (
            frame(self._contract.magmad.LogLine(line=f"{which} line of {parameters.service}\n"))
            for which in ("first", "second")
        )
        body = first + second
        cut = len(first) + 3
        self._put(request_id, keepConnActive=True)
        self._put(request_id, status="200", headers=_HEADERS, payload=body[:cut])
        self._put(request_id, status="200", headers=_HEADERS | _trailers(), payload=body[cut:])

    def _RestartServices(self, request_id, _):
        self._succeed(request_id, self._contract.common.Void())

    _Reboot = _RestartServices

    def _succeed(self, request_id, message):
        self._put(request_id, status="200", headers=_HEADERS | _trailers(), payload=frame(message))

    def _fail(self, request_id, code, text):
        self._put(request_id, status="200", headers=_HEADERS | _trailers(code, text))

    def _put(self, request_id, **body):
        body = self._wire.GatewayResponse(**body)
        self._outgoing.put(self._wire.SyncRPCResponse(reqId=request_id, respBody=body))


def _trailers(code=grpc.StatusCode.OK, text=""):
    return {"grpc-status": str(code.value[0]), "grpc-message": text}
