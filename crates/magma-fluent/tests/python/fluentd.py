"""A cloud's end of the Fluent forward protocol, decoded by the msgpack of PyPI, over TLS with client certificates.

Started with a folder that has `server.crt`, `server.key` and `clients.pem`. The first line of standard output is the
port. Then each message is one JSON line (`tag`, `records`, `times`, `size`, `chunk`, `client`), and each connection
that was refused is `{"refused": reason}`. Lines of standard input say what becomes of messages from then on: `ack` (from
the beginning), `mute` (none is acknowledged), `close` (the connection is closed instead).

With the word `send` and a port instead of a folder it is a client: it sends to that port one message in each mode, waits
for their acknowledgements, and prints `sent`.
"""

import json
import socket
import ssl
import struct
import sys
import threading

import msgpack

manner = "ack"
printing = threading.Lock()


def say(**fields):
    """One JSON line."""
    with printing:
        print(json.dumps(fields), flush=True)


def seconds(time):
    """The seconds of an EventTime; a client of old may have sent a number."""
    if isinstance(time, int):
        return time
    assert isinstance(time, msgpack.ExtType) and time.code == 0 and len(time.data) == 8, time
    return struct.unpack(">II", time.data)[0]


def serve(stream):
    """Takes the messages of one connection."""
    client = dict(pair[0] for pair in stream.getpeercert()["subject"])["commonName"]
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
    while octets := stream.recv(65536):
        unpacker.feed(octets)
        for tag, entries, options in unpacker:
            say(
                tag=tag,
                records=[record for _, record in entries],
                times=[seconds(time) for time, _ in entries],
                size=options["size"],
                chunk=options["chunk"],
                client=client,
            )
            if manner == "close":
                return
            if manner == "ack":
                stream.sendall(msgpack.packb({"ack": options["chunk"]}))


def connection(context, tcp):
    """Does the handshake, then serves."""
    try:
        with context.wrap_socket(tcp, server_side=True) as stream:
            serve(stream)
    except ssl.SSLError as error:
        say(refused=str(error))
    except OSError:
        pass


def listen(folder):
    """Serves until the end of input."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.crt", f"{folder}/server.key")
    context.load_verify_locations(f"{folder}/clients.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)

    def accept():
        while True:
            tcp, _ = listener.accept()
            threading.Thread(target=connection, args=(context, tcp), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def send(port):
    """Sends in every mode, and waits for the acknowledgements."""
    time = msgpack.ExtType(0, struct.pack(">II", 1700000000, 5))
    entries = [[time, {"log": "two"}], [1700000000, {"log": "three", "deep": {"a": [1, None]}}]]
    packed = b"".join(msgpack.packb(entry) for entry in entries)
    messages = [
        ["dp", time, {"log": "one"}, {"chunk": "a"}],
        ["dp", entries, {"chunk": "b", "size": 2}],
        ["dp", packed, {"chunk": "c", "size": 2, "compressed": "text"}],
    ]
    with socket.create_connection(("127.0.0.1", port)) as stream:
        for message in messages:
            stream.sendall(msgpack.packb(message))
        unpacker, acknowledged = msgpack.Unpacker(raw=False), []
        while len(acknowledged) < len(messages):
            octets = stream.recv(4096)
            assert octets, "closed"
            unpacker.feed(octets)
            acknowledged += [answer["ack"] for answer in unpacker]
    assert acknowledged == ["a", "b", "c"], acknowledged
    print("sent", flush=True)


if sys.argv[1] == "send":
    send(int(sys.argv[2]))
else:
    listen(sys.argv[1])
    for line in sys.stdin:
        manner = line.strip()
        say(manner=manner)
