"""Plays org.freedesktop.systemd1 on the bus at argv[1], with units whose names say how they behave."""
import sys

from jeepney import DBusAddress, HeaderFields, MessageType, message_bus
from jeepney import new_error, new_method_return, new_signal
from jeepney.bus_messages import DBusNameFlags
from jeepney.io.blocking import open_dbus_connection

NAME = "org.freedesktop.systemd1"
MANAGER = DBusAddress("/org/freedesktop/systemd1", NAME, NAME + ".Manager")
connection = open_dbus_connection(bus=sys.argv[1])
connection.send_and_get_reply(message_bus.RequestName(NAME, DBusNameFlags.do_not_queue))
states, jobs, log = {}, 0, []


def escaped(unit):
    return "/org/freedesktop/systemd1/unit/" + "".join(c if c.isalnum() else "_%02x" % ord(c) for c in unit)


def removed(number, unit, result):
    body = (number, "/org/freedesktop/systemd1/job/%d" % number, unit, result)
    connection.send(new_signal(MANAGER, "JobRemoved", "uoss", body))


def run(message, member, unit):
    global jobs
    if "absent" in unit:
        error = new_error(message, NAME + ".NoSuchUnit", "s", ("Unit %s not found." % unit,))
        return connection.send(error)
    jobs += 1
    number = jobs
    result = "failed" if "broken" in unit else "done"
    active = {"StartUnit": "active", "StopUnit": "inactive", "ReloadOrRestartUnit": "active"}[member]
    states[unit] = ("failed", "failed", 3, 0) if result == "failed" else (
        active, "running" if active == "active" else "dead", 0, 4711 if active == "active" else 0)
    if "quick" in unit:  # its end is told before the order is answered
        removed(number, unit, result)
    # the job of somebody else on another unit, and one on the same unit
    removed(1000 + number, "other.service", "failed")
    removed(2000 + number, unit, "canceled")
    connection.send(new_method_return(message, "o", ("/org/freedesktop/systemd1/job/%d" % number,)))
    if "quick" not in unit and "stuck" not in unit:
        removed(number, unit, result)


def get(message, path, name):
    unit = next((u for u in states if escaped(u) == path), None)
    load = "not-found" if "absent" in path else "loaded"
    active, sub, status, pid = states.get(unit, ("inactive", "dead", 0, 0))
    value = {"LoadState": ("s", load), "ActiveState": ("s", active), "SubState": ("s", sub),
             "ExecMainStatus": ("i", status), "MainPID": ("u", pid)}[name]
    connection.send(new_method_return(message, "v", (value,)))


print("ready", flush=True)
while True:
    message = connection.receive()
    if message.header.message_type != MessageType.method_call:
        continue
    member = message.header.fields[HeaderFields.member]
    path = message.header.fields[HeaderFields.path]
    if member == "Subscribe":
        connection.send(new_method_return(message))
    elif member in ("StartUnit", "StopUnit", "ReloadOrRestartUnit"):
        unit, mode = message.body
        assert mode == "replace"
        run(message, member, unit)
    elif member == "LoadUnit":
        connection.send(new_method_return(message, "o", (escaped(message.body[0]),)))
    elif member == "Get":
        get(message, path, message.body[1])
    else:
        connection.send(new_error(message, "org.freedesktop.DBus.Error.UnknownMethod", "s", (member,)))
