"""The cloud's end of SyncRPC: sends calls of any method of the contract to a gateway, and reports what comes back."""

import itertools
import queue
import struct
import threading

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory

from cloud_services import authority
from grpc_frames import frame
from report import say

_PREFIX = struct.Struct(">BI")
# Names as Go's HTTP library writes them: who makes an HTTP/2 call of these has to write them in lower case.
_HEADERS = {
    "Content-Type": "application/grpc",
    "Te": "trailers",
    "User-Agent": "grpc-go/1.43.0",
    "Grpc-Timeout": "20S",
}
_DROPPED = object()


class Dispatcher:
    """All streams of all gateways, and the calls that run on them."""

    def __init__(self, contract, state):
        self._contract = contract
        self._wire = contract.sync_rpc_service
        self._state = state
        self._lock = threading.Lock()
        self._streams = {}
        self._calls = {}
        self._request_ids = itertools.count(1)

    def add_to(self, server):
        """Adds the service to a server that asks for client certificates."""
        dispatcher = self

        class SyncRPCService(self._contract.sync_rpc_service_grpc.SyncRPCServiceServicer):
            def EstablishSyncRPCStream(self, responses, context):
                return dispatcher._serve(responses, context)

            def SyncRPC(self, responses, context):
                return dispatcher._serve(responses, context)

        self._contract.sync_rpc_service_grpc.add_SyncRPCServiceServicer_to_server(SyncRPCService(), server)

    def call(self, gateway, service, path, parameters):
        """Calls one method of a gateway's service; `parameters` is the message as JSON."""
        request_type, answer_type = _types(path)
        message = json_format.ParseDict(parameters, request_type())
        with self._lock:
            request_id = next(self._request_ids)
            stream = self._streams.get(gateway)
            self._calls[request_id] = _Call(gateway, answer_type)
        if stream is None:
            say("call_ended", request=request_id, error=f"no stream of gateway {gateway}")
            return
        say("call_sent", request=request_id, path=path)
        body = self._wire.GatewayRequest(
            gwId=gateway, authority=service, path=path, headers=_HEADERS, payload=frame(message)
        )
        stream.put(self._wire.SyncRPCRequest(reqId=request_id, reqBody=body))

    def give_up(self, request_id):
        """Tells the gateway that the caller of a request is gone."""
        with self._lock:
            stream = self._streams.get(self._calls[request_id].gateway)
        stream.put(self._wire.SyncRPCRequest(reqId=request_id, connClosed=True))

    def heartbeat(self):
        """Sends a sign of life on every stream."""
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream.put(self._wire.SyncRPCRequest(heartBeat=True))

    def drop_streams(self):
        """Lets every open stream fail."""
        with self._lock:
            streams = list(self._streams.values())
        for stream in streams:
            stream.put(_DROPPED)

    def _serve(self, responses, context):
        gateway = self._state.caller(context)
        say("sync_rpc_opened", gateway=gateway, authority=authority(context))
        outgoing = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(gateway, responses, outgoing), daemon=True).start()
        while True:
            request = outgoing.get()
            if request is None:
                break
            if request is _DROPPED:
                context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
            yield request

    def _read(self, gateway, responses, outgoing):
        try:
            for response in responses:
                if response.heartBeat:
                    with self._lock:
                        self._streams[gateway] = outgoing
                    say("sync_rpc_heartbeat", gateway=gateway)
                else:
                    self._take(response.reqId, response.respBody, outgoing)
        except grpc.RpcError:
            pass
        with self._lock:
            if self._streams.get(gateway) is outgoing:
                del self._streams[gateway]
        say("sync_rpc_closed", gateway=gateway)
        outgoing.put(None)

    def _take(self, request_id, body, outgoing):
        with self._lock:
            call = self._calls.get(request_id)
        if call is None or call.ended:
            say("unexpected_response", request=request_id, error=body.err)
        elif call.take(request_id, body):
            outgoing.put(self._wire.SyncRPCRequest(reqId=request_id, connClosed=True))


def _types(path):
    """The messages of a method of any service that was compiled."""
    service, method = path.removeprefix("/").split("/")
    described = descriptor_pool.Default().FindServiceByName(service).methods_by_name[method]
    kinds = (described.input_type, described.output_type)
    return tuple(message_factory.GetMessageClass(kind) for kind in kinds)


class _Call:
    """One call, whose answer comes in pieces that are cut anywhere."""

    def __init__(self, gateway, answer_type):
        self.gateway = gateway
        self.ended = False
        self._answer_type = answer_type
        self._begun = b""
        self._headers = {}
        self._status = ""

    def take(self, request_id, body):
        """Takes the next piece; True when the call has ended."""
        if body.keepConnActive:
            say("call_alive", request=request_id)
            return False
        self._begun += body.payload
        self._status = body.status or self._status
        self._headers.update({name.lower(): value for name, value in body.headers.items()})
        for answer in self._complete_answers():
            message = json_format.MessageToDict(answer, preserving_proto_field_name=True)
            say("call_answer", request=request_id, answer=message)
        self.ended = bool(body.err) or "grpc-status" in self._headers
        if self.ended:
            say(
                "call_ended",
                request=request_id,
                status=self._status,
                headers=self._headers,
                error=body.err,
                bytes_left=len(self._begun),
            )
        return self.ended

    def _complete_answers(self):
        while len(self._begun) >= _PREFIX.size:
            _, length = _PREFIX.unpack_from(self._begun)
            end = _PREFIX.size + length
            if len(self._begun) < end:
                return
            encoded, self._begun = self._begun[_PREFIX.size : end], self._begun[end:]
            yield self._answer_type.FromString(encoded)
