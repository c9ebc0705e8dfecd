"""What a gateway with a certificate asks of its cloud: check-in, configuration, metrics; and what it must not get."""

import http.client
import json
import os
import ssl
import tempfile
import threading
import time

import grpc

from report import refused, say

_DEADLINE_SECONDS = 20
# Existing clouds take messages of up to 50 MiB.
_TOO_MANY_BYTES = 60_000_000
# The existing cloud takes calls with this serial number for its own, wherever they come from.
_INTERNAL_CALL_SERIAL = "7ZZXAF7CAETF241KL22B8YRR7B5UF401"


class CloudCalls:
    """The calls of one gateway."""

    def __init__(self, contract, cloud, hardware_id, credentials):
        self._contract = contract
        self._cloud = cloud
        self._hardware_id = hardware_id
        self._credentials = credentials

    def report_state(self, step, *, device_id=None, channel=None, metadata=()):
        """Checks in with a small gw_state, which should be about this gateway."""
        value = {"meta": {"from": step}, "system_status": {"time": int(time.time())}}
        state = self._state("gw_state", device_id or self._hardware_id, json.dumps(value).encode())
        self._report(step, [state], channel, metadata)

    def report_too_much(self, step):
        """One state that no message has room for."""
        self._report(step, [self._state("string_map", self._hardware_id, bytes(_TOO_MANY_BYTES))], None, ())

    def report_state_behind_proxy(self, step):
        """Checks in over a connection whose TLS server name is not the service's."""
        with self._cloud.service_behind_proxy("state", self._credentials) as channel:
            self.report_state(step, channel=channel)

    def report_nothing(self, step):
        """A check-in without any state."""
        self._report(step, [], None, ())

    def get_configs(self, step, gateway_id=None):
        """Polls the configuration, whoever it says that it is."""
        contract = self._contract
        request = contract.streamer.StreamRequest(gatewayId=gateway_id or self._hardware_id, stream_name="configs")
        request.extra_args.Pack(contract.mconfig.GatewayConfigsDigest(md5_hex_digest=""))
        with self.channel("streamer") as channel:
            stub = contract.streamer_grpc.StreamerStub(channel)
            try:
                batches = list(stub.GetUpdates(request, timeout=_DEADLINE_SECONDS))
            except grpc.RpcError as error:
                refused(step, error)
                return
        say(
            step,
            code="OK",
            batches=[
                {
                    "resync": batch.resync,
                    "updates": [{"key": update.key, "value": update.value.decode()} for update in batch.updates],
                }
                for batch in batches
            ],
        )

    def follow_configs(self, step):
        """Asks for pushes, as our own agent does, and tells of each batch until the stream ends."""
        contract = self._contract
        request = contract.streamer.StreamRequest(gatewayId=self._hardware_id, stream_name="configs")

        def follow():
            with self.channel("streamer") as channel:
                stub = contract.streamer_grpc.StreamerStub(channel)
                try:
                    for batch in stub.GetUpdates(request, metadata=(("magma-configs-push", "1"),)):
                        updates = [{"key": update.key, "value": update.value.decode()} for update in batch.updates]
                        say(step, code="OK", batches=[{"resync": batch.resync, "updates": updates}])
                    say(step + "_ended", code="OK")
                except grpc.RpcError as error:
                    refused(step + "_ended", error)

        threading.Thread(target=follow, daemon=True).start()

    def send_metrics(self, step):
        """One gauge and one counter, with their labels as numbers as existing gateways send them."""
        prometheus = self._contract.prometheus
        gauge = prometheus.MetricFamily(name="308", type=prometheus.GAUGE)
        gauge.metric.add(gauge=prometheus.Gauge(value=1), timestamp_ms=int(time.time() * 1000))
        counter = prometheus.MetricFamily(name="309", type=prometheus.COUNTER)
        sample = counter.metric.add(counter=prometheus.Counter(value=7), timestamp_ms=int(time.time() * 1000))
        sample.label.add(name="0", value="Success")
        container = self._contract.metricsd.MetricsContainer(gatewayId=self._hardware_id, family=[gauge, counter])
        with self.channel("metricsd") as channel:
            stub = self._contract.metricsd_grpc.MetricsControllerStub(channel)
            _outcome(step, lambda: stub.Collect(container, timeout=_DEADLINE_SECONDS))

    def issue_token(self, step, network_id, gateway_id):
        """What only the cloud itself may do: make a registration token."""
        messages = self._contract.bootstrapper
        device = messages.GatewayDeviceInfo(network_id=network_id, logical_id=gateway_id)
        with self.channel("bootstrapper") as channel:
            stub = self._contract.bootstrapper_grpc.CloudRegistrationStub(channel)
            request = messages.GetTokenRequest(gateway_device_info=device, refresh=True)
            _outcome(step, lambda: stub.GetToken(request, timeout=_DEADLINE_SECONDS))

    def on_open_port(self, step, serial=None):
        """Checks in on the port without client certificates, with headers that the existing edge would trust."""
        metadata = _forged(serial or _INTERNAL_CALL_SERIAL, self._hardware_id)
        with self._cloud.open_port("state") as channel:
            self.report_state(step, channel=channel, metadata=metadata)

    def in_the_name_of(self, step, serial, hardware_id):
        """Checks in with its own certificate and another gateway's headers."""
        self.report_state(step, metadata=_forged(serial, hardware_id))

    def with_other_credentials(self, step, credentials):
        """Checks in with a certificate of somebody else, or with none."""
        with self._cloud.service("state", credentials) as channel:
            self.report_state(step, channel=channel)

    def administrate(self, step, rest_address):
        """Asks the REST API for all networks, with a gateway's certificate."""
        host, port = rest_address.rsplit(":", 1)
        context = ssl.create_default_context(cadata=self._cloud.root_ca.decode())
        context.check_hostname = False
        with _on_disk(self._credentials.certificate + self._credentials.key) as both:
            context.load_cert_chain(both)
        connection = http.client.HTTPSConnection(host, int(port), timeout=_DEADLINE_SECONDS, context=context)
        try:
            connection.request("GET", "/magma/v1/networks")
            answer = connection.getresponse()
            say(step, status=answer.status, body=answer.read().decode())
        except OSError as error:
            say(step, status=None, body=str(error))
        finally:
            connection.close()

    def _state(self, kind, device_id, value):
        return self._contract.service303.State(type=kind, deviceID=device_id, value=value)

    def _report(self, step, states, channel, metadata):
        with channel or self.channel("state") as channel:
            stub = self._contract.state_grpc.StateServiceStub(channel)
            request = self._contract.state.ReportStatesRequest(states=states)
            _outcome(step, lambda: stub.ReportStates(request, timeout=_DEADLINE_SECONDS, metadata=metadata))

    def channel(self, name):
        """A channel to a service, with the gateway's certificate."""
        return self._cloud.service(name, self._credentials)


def _outcome(step, call):
    try:
        answer = call()
    except grpc.RpcError as error:
        refused(step, error)
    else:
        say(step, code="OK", answer_bytes=answer.ByteSize())


def _forged(serial, common_name):
    return (("x-magma-client-cert-serial", serial), ("x-magma-client-cert-cn", common_name))


class _on_disk:
    """The standard library takes a client certificate from a file only."""

    def __init__(self, contents):
        self._contents = contents

    def __enter__(self):
        handle, self._path = tempfile.mkstemp()
        with os.fdopen(handle, "wb") as file:
            file.write(self._contents)
        return self._path

    def __exit__(self, *_):
        os.unlink(self._path)
