"""A gateway's service on Python's gRPC stack: Service303 and a service of its domain, as an agent starts and asks it.

It is told what to do by files in its folder: `<name>.exit` ends it without a word, `<name>.hang` stops the whole
process as it stands. It takes the file away before it obeys, so that its next life is a good one.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import signal
import sys
import time

sys.dont_write_bytecode = True

import grpc

import contract as wire

_STARTED_SECONDS = int(time.time())
_LOOK_SECONDS = 0.1
_EXIT_STATUS = 3
_OCTETS = bytes(range(256))


def add_to(server, contract, name):
    """Adds both services to a server."""
    served_by = f"{name} {os.getpid()}"

    class Service303(contract.service303_grpc.Service303Servicer):
        def GetServiceInfo(self, request, context):
            meta = {f"{name}_pid": str(os.getpid()), f"{name}_started": str(_STARTED_SECONDS)}
            info = contract.service303.ServiceInfo
            return info(
                name=name,
                version="1.2.3",
                state=info.ALIVE,
                health=info.APP_HEALTHY,
                start_time_secs=_STARTED_SECONDS,
                status=contract.service303.ServiceStatus(meta=meta),
            )

        def GetMetrics(self, request, context):
            prometheus = contract.prometheus
            family = prometheus.MetricFamily(name="cells_configured", type=prometheus.GAUGE)
            sample = family.metric.add(gauge=prometheus.Gauge(value=3))
            sample.label.add(name="band", value="b40")
            return contract.metricsd.MetricsContainer(family=[family])

        def GetOperationalStates(self, request, context):
            value = json.dumps({"served_by": served_by}).encode()
            state = contract.service303.State(type="cell_state", deviceID=name, value=value)
            return contract.service303.GetOperationalStatesResponse(states=[state])

    class Cells(contract.cells_grpc.CellsServicer):
        def Describe(self, request, context):
            context.send_initial_metadata((("cell-head", "first"),))
            context.set_trailing_metadata((("cell-trailer", "last"), ("cell-trailer-bin", b"\x00\xff,\x80")))
            return contract.cells.Cell(number=request.number, served_by=served_by)

        def List(self, request, context):
            context.set_trailing_metadata((("cells-told", str(request.count)),))
            octets = (_OCTETS * (request.neighbours_bytes // len(_OCTETS) + 1))[: request.neighbours_bytes]
            for number in range(request.first, request.first + request.count):
                yield contract.cells.Cell(number=number, served_by=served_by, neighbours=octets)

        def Unlock(self, request, context):
            context.set_trailing_metadata((("cell-locked-by", "somebody else"),))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"cell {request.number} is locked, 100 % – try later")

    contract.service303_grpc.add_Service303Servicer_to_server(Service303(), server)
    contract.cells_grpc.add_CellsServicer_to_server(Cells(), server)


def obey(folder, name):
    """Waits for what its files tell, for ever."""
    while True:
        if _told(folder / f"{name}.exit"):
            os._exit(_EXIT_STATUS)
        if _told(folder / f"{name}.hang"):
            os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(_LOOK_SECONDS)


def _told(path):
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def main():
    """Serves until it is told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True, help="the service's name on this gateway")
    parser.add_argument("--port", required=True, type=int, help="where the registry says that it is")
    parser.add_argument("--stubs", required=True, type=pathlib.Path, help="a folder that `contract.py` filled")
    parser.add_argument("--folder", required=True, type=pathlib.Path, help="where it is told what to do")
    arguments = parser.parse_args()
    contract = wire.load(arguments.stubs)
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(max_workers=4), options=(("grpc.so_reuseport", 0),)
    )
    add_to(server, contract, arguments.name)
    server.add_insecure_port(f"127.0.0.1:{arguments.port}")
    server.start()
    print(f"{arguments.name} serves", flush=True)
    obey(arguments.folder, arguments.name)


if __name__ == "__main__":
    main()
