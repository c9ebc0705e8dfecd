"""A log forwarder on Python's msgpack and TLS: the forward protocol in its four modes, each chunk until it is acknowledged.

Arguments: port, host name, root CA, certificate, key, number of chunks. A line `half` tells that half of the chunks are
acknowledged; the last line is JSON. Before the last chunk it awaits the end of its standard input, if nothing has interrupted it
until then.
"""

import gzip
import json
import socket
import ssl
import struct
import sys
import time

import msgpack

RECORDS = 10
LIMIT = 120


def event_time(number):
    """Seconds and nanoseconds, as newer clients write them."""
    return msgpack.ExtType(0, struct.pack(">II", 1_700_000_000 + number, 5_000_000))


def chunk(number):
    """The id of a chunk, and its message."""
    name = f"chunk-{number}"
    records = [{"message": f"{name} line {line}", "gateway_id": "another"} for line in range(RECORDS)]
    mode = number % 4
    if mode == 0:
        return name, [["py", event_time(number), record, {"chunk": f"{name}-{index}"}] for index, record in enumerate(records)]
    entries = [[event_time(number), record] if mode == 1 else [[number + 1_700_000_000, {}], record] for record in records]
    if mode == 1:
        return name, [["py", entries, {"chunk": name, "size": RECORDS}]]
    packed = b"".join(msgpack.packb(entry) for entry in entries)
    if mode == 2:
        return name, [["py", packed, {"chunk": name}]]
    return name, [["py", gzip.compress(packed), {"chunk": name, "compressed": "gzip"}]]


def connect(port, host, context):
    """A connection as soon as there is one."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            raw = socket.create_connection(("127.0.0.1", port), timeout=LIMIT)
            return context.wrap_socket(raw, server_hostname=host)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def acknowledged(stream, message):
    """Sends one message and awaits its acknowledgement."""
    stream.sendall(msgpack.packb(message))
    unpacker = msgpack.Unpacker()
    while True:
        octets = stream.recv(4096)
        if not octets:
            raise OSError("closed")
        unpacker.feed(octets)
        for answer in unpacker:
            assert answer == {"ack": message[-1]["chunk"]}, answer
            return


def main():
    """Sends everything."""
    port, host, root, certificate, key, chunks = sys.argv[1:7]
    context = ssl.create_default_context(cafile=root)
    context.load_cert_chain(certificate, key)
    stream, again = None, 0
    for number in range(int(chunks)):
        if number == int(chunks) // 2:
            print("half", flush=True)
        if number == int(chunks) - 1 and again == 0:
            sys.stdin.read()
        for message in chunk(number)[1]:
            while True:
                try:
                    stream = stream or connect(int(port), host, context)
                    acknowledged(stream, message)
                    break
                except OSError:
                    stream, again = None, again + 1
                    assert again < 1000
    print(json.dumps({"chunks": int(chunks), "again": again, "tls": stream.version()}), flush=True)


main()
