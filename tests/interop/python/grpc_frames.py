"""gRPC messages as they lie in an HTTP/2 body: five bytes before each (a flag, and the length as 32 bits).

SyncRPC carries whole bodies in this form, since what it tunnels is HTTP.
"""

import struct

_PREFIX = struct.Struct(">BI")


def frame(message):
    """One message as a body, or as a part of one."""
    encoded = message.SerializeToString()
    return _PREFIX.pack(0, len(encoded)) + encoded


def messages(body, message_type):
    """All messages of a complete body; a part that is missing or left over is an error."""
    found, position = [], 0
    while position < len(body):
        compressed, length = _PREFIX.unpack_from(body, position)
        position += _PREFIX.size
        encoded = body[position : position + length]
        if compressed or len(encoded) != length:
            raise ValueError(f"a gRPC body of {len(body)} bytes is cut or compressed at {position}")
        found.append(message_type.FromString(encoded))
        position += length
    return found
