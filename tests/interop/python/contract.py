"""The wire contract as Python sees it: stubs that Google's own compiler makes from contracts/protos at run time.

Nothing generated is kept: the folder that the stubs go to belongs to the caller.
"""

import importlib
import pathlib
import sys
import types

PROTOS = pathlib.Path(__file__).resolve().parents[3] / "contracts" / "protos"
# What only these tests speak.
_OWN_PROTOS = pathlib.Path(__file__).resolve().parents[1] / "protos"

_MODULES = (
    "bootstrapper",
    "certifier",
    "common",
    "digest",
    "identity",
    "magmad",
    "mconfig",
    "metricsd",
    "service303",
    "state",
    "streamer",
    "sync_rpc_service",
)


# What an access gateway's services speak, and what that imports.
_LTE_MODULES = ("apn", "sms_orc8r", "subscriberdb")


def compile_into(folder):
    """Compiles every orc8r file of the contract, and some of lte's, into `folder` and returns the modules by their short names.

    `contract.state` holds the messages of state.proto, `contract.state_grpc` its stubs and servicers.
    """
    # Here, since what only loads starts sooner without the compiler.
    from grpc_tools import protoc

    sources = sorted(str(path.relative_to(PROTOS)) for path in (PROTOS / "orc8r" / "protos").rglob("*.proto"))
    sources += [f"lte/protos/{name}.proto" for name in _LTE_MODULES]
    sources += sorted(path.name for path in _OWN_PROTOS.glob("*.proto"))
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    includes = [f"-I{PROTOS}", f"-I{_OWN_PROTOS}", f"-I{well_known}"]
    arguments = [*includes, f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *arguments, *sources]) != 0:
        raise SystemExit("the contract does not compile")
    return load(folder)


def load(folder):
    """The modules of a folder that was compiled into before, maybe by another program."""
    sys.path.insert(0, str(folder))
    modules = {}
    for name in _MODULES:
        modules[name] = importlib.import_module(f"orc8r.protos.{name}_pb2")
        modules[f"{name}_grpc"] = importlib.import_module(f"orc8r.protos.{name}_pb2_grpc")
    for name in _LTE_MODULES:
        modules[name] = importlib.import_module(f"lte.protos.{name}_pb2")
        modules[f"{name}_grpc"] = importlib.import_module(f"lte.protos.{name}_pb2_grpc")
    for name in ("cells_pb2", "cells_pb2_grpc"):
        modules[name.replace("_pb2", "")] = importlib.import_module(name)
    metrics = importlib.import_module("orc8r.protos.prometheus.metrics_pb2")
    importlib.import_module("orc8r.protos.mconfig.mconfigs_pb2")
    return types.SimpleNamespace(prometheus=metrics, **modules)
