"""What schemathesis puts into paths: mostly the names of what is there, so that a request gets past its first step."""

import collections
import hashlib

import schemathesis

NAMES = {
    "apn_name": "internet",
    "base_name": "b1",
    "channel_id": "stable",
    "cbsd_id": "1",
    "destination_id": "dest1",
    "enodeb_serial": "e1",
    "gateway_pool_id": "pool1",
    "ha_pair_id": "p1",
    "image_name": "a",
    "label_name": "service",
    "msisdn": "1",
    "profile_id": "q1",
    "rating_group_id": "7",
    "rule_id": "r1",
    "subscriber_id": "IMSI001010000000001",
    "task_id": "task1",
    "tenant_id": "1",
    "tier_id": "t1",
    "username": "ann",
}
PLACES = {"feg": ("f1", "fg1"), "feg_lte": ("fl1", "g1"), "cwf": ("w1", "wg1")}
# What would take away what other operations need, and so is asked of a network that is not there.
TAKES_AWAY = {("PUT", "/networks/{network_id}/tiers/{tier_id}/gateways")}
# One in so many paths stays as hostile as schemathesis made it.
HOSTILE = 4
# Of what schemathesis thinks of for an operation: the first so many, and of the rest one in so many.
FIRST, OF_THE_REST = 20, 5
thought_of = collections.Counter()


def name(case, parameter):
    """What stands for a part of this path; None: what schemathesis made."""
    network, gateway = PLACES.get(case.path.split("/")[1], ("n1", "g1"))
    if case.path == "/networks/{network_id}/type":
        network = "n2"
    # No gateway is connected, which is 500 as in Magma.
    if "/command/" in case.path:
        gateway = "gone"
    return {"network_id": network, "gateway_id": gateway}.get(parameter, NAMES.get(parameter))


@schemathesis.hook
def before_load_schema(context, document):
    """What an answer shows of a gateway that lost its tier, or has no federation configuration of its own, as Magma does."""
    schemas = document["components"]["schemas"]
    schemas["tier_id"]["pattern"] = "^([a-z][\\da-z_]+)?$"
    schemas["gateway_federation_configs"]["type"] = ["object", "null"]


@schemathesis.hook
def before_call(context, case, kwargs):
    takes_away = case.method == "DELETE" or (case.method, case.path) in TAKES_AWAY
    for parameter, made in (case.path_parameters or {}).items():
        known = name(case, parameter)
        text = f"{case.method} {case.path} {made}".encode("utf-8", "replace")
        if takes_away and parameter in ("network_id", "tenant_id", "username", "channel_id"):
            case.path_parameters[parameter] = "gone"
        elif known == "gone" or (known is not None and hashlib.sha256(text).digest()[0] % HOSTILE):
            case.path_parameters[parameter] = known


@schemathesis.hook
def filter_case(context, case):
    operation = (case.method, case.path)
    thought_of[operation] += 1
    return thought_of[operation] <= FIRST or thought_of[operation] % OF_THE_REST == 0
