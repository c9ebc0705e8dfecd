"""The services of the port for gateways, but for SyncRPC: check-in, configuration stream, metrics."""

import json
import math

import grpc
from google.protobuf import json_format

from cloud_state import Dropped
from report import say


def add_to(server, contract, state):
    """Adds the three services to a server that asks for client certificates."""

    class StateService(contract.state_grpc.StateServiceServicer):
        def ReportStates(self, request, context):
            gateway = state.caller(context)
            states = [
                {
                    "type": reported.type,
                    "device_id": reported.deviceID,
                    "version": reported.version,
                    "value": json.loads(reported.value),
                }
                for reported in request.states
            ]
            say("states", gateway=gateway, authority=authority(context), states=states)
            if not states:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no states are reported")
            return contract.state.ReportStatesResponse()

    class Streamer(contract.streamer_grpc.StreamerServicer):
        def GetUpdates(self, request, context):
            gateway = state.caller(context)
            say(
                "stream_asked",
                gateway=gateway,
                authority=authority(context),
                gateway_told=request.gatewayId,
                stream=request.stream_name,
                extra_args=json_format.MessageToDict(request.extra_args),
            )
            if request.stream_name != "configs":
                context.abort(grpc.StatusCode.UNAVAILABLE, f"Stream {request.stream_name} does not exist")
            try:
                for document in state.config_batches(context):
                    update = contract.streamer.DataUpdate(key=gateway, value=document)
                    yield contract.streamer.DataUpdateBatch(updates=[update], resync=True)
            except Dropped:
                context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    class MetricsController(contract.metricsd_grpc.MetricsControllerServicer):
        def Collect(self, request, context):
            say(
                "metrics",
                gateway=state.caller(context),
                authority=authority(context),
                gateway_told=request.gatewayId,
                families=sorted(family.name for family in request.family),
                samples=[sample for family in request.family for sample in _samples(family)],
            )
            return contract.common.Void()

    contract.state_grpc.add_StateServiceServicer_to_server(StateService(), server)
    contract.streamer_grpc.add_StreamerServicer_to_server(Streamer(), server)
    contract.metricsd_grpc.add_MetricsControllerServicer_to_server(MetricsController(), server)


def _samples(family):
    """The gauges and counters of a family: name, labels, value."""
    for metric in family.metric:
        labels = {label.name: label.value for label in metric.label}
        if metric.HasField("gauge") or metric.HasField("counter"):
            value = metric.gauge.value if metric.HasField("gauge") else metric.counter.value
            # What is not a number has no place in JSON.
            yield {"name": family.name, "labels": labels, "value": value if math.isfinite(value) else None}


def authority(context):
    """The `:authority` of a call, by which an edge routes; None where this version of the library does not tell."""
    event = getattr(context, "_rpc_event", None)
    host = getattr(getattr(event, "call_details", None), "host", None)
    return host.decode() if isinstance(host, bytes) else host
