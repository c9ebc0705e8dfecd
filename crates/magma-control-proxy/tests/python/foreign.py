"""A local service, a cloud, and a client of both through a control proxy, all on Python's gRPC stack.

Prints the ports of the service and of the cloud, reads the proxy's, and prints each step that worked.
"""

import pathlib
import sys
import threading
import time
from concurrent import futures

import grpc

BIG = 3 * 1024 * 1024
ended = threading.Event()


def unary(request, context):
    context.send_initial_metadata((("x-initial", "first"),))
    context.set_trailing_metadata((("x-trailing-bin", b"\x00\xff"),))
    return request[::-1]


def stream_out(request, context):
    for number in range(int(request)):
        yield str(number).encode()


def bidi(requests, context):
    for request in requests:
        yield request


def hold(request, context):
    context.add_callback(ended.set)
    time.sleep(30) if not ended.wait(30) else None
    return b""


def refuse(request, context):
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not, today: \u00fc %")


def serve(credentials):
    options = [("grpc.max_receive_message_length", 2 * BIG)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=options)
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Out": grpc.unary_stream_rpc_method_handler(stream_out),
        "Bidi": grpc.stream_stream_rpc_method_handler(bidi),
        "Hold": grpc.unary_unary_rpc_method_handler(hold),
        "Refuse": grpc.unary_unary_rpc_method_handler(refuse),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Foreign", handlers),))
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    return server, port


def cloud_credentials(folder):
    read = lambda name: (folder / name).read_bytes()
    pair = [(read("server.key"), read("server.crt"))]
    return grpc.ssl_server_credentials(pair, read("root.pem"), require_client_auth=True)


def use(port, authority):
    options = [("grpc.default_authority", authority), ("grpc.max_receive_message_length", 2 * BIG)]
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
    call = lambda kind, name: getattr(channel, kind)(f"/test.Foreign/{name}")

    def done(step):
        print(authority, step, flush=True)

    answer, info = call("unary_unary", "Unary").with_call(b"abc", timeout=60)
    assert answer == b"cba", answer
    assert ("x-initial", "first") in [tuple(pair) for pair in info.initial_metadata()]
    assert ("x-trailing-bin", b"\x00\xff") in [tuple(pair) for pair in info.trailing_metadata()]
    done("unary")

    numbers = list(call("unary_stream", "Out")(b"1000", timeout=60))
    assert numbers == [str(number).encode() for number in range(1000)]
    done("server_streaming")

    returned = threading.Semaphore(1)

    def one_by_one():
        for number in range(50):
            assert returned.acquire(timeout=60)
            yield str(number).encode()

    seen = []
    for answer in call("stream_stream", "Bidi")(one_by_one(), timeout=120):
        seen.append(answer)
        returned.release()
    assert len(seen) == 50
    done("bidi")

    ended.clear()
    try:
        call("unary_unary", "Hold")(b"", timeout=1)
        raise AssertionError("it answered")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
    assert ended.wait(60), "the service never learned of it"
    done("deadline")

    ended.clear()
    running = call("unary_unary", "Hold").future(b"", timeout=60)
    time.sleep(0.2)
    running.cancel()
    assert ended.wait(60), "the service never learned of it"
    done("cancel")

    big = bytes(BIG)
    assert call("unary_unary", "Unary")(big, timeout=120) == big
    done("big")

    try:
        call("unary_unary", "Refuse")(b"", timeout=60)
        raise AssertionError("it answered")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.FAILED_PRECONDITION, error
        assert error.details() == "not, today: \u00fc %", error
    done("status")

    many = [call("unary_unary", "Unary").future(str(n).encode() * 1000, timeout=120) for n in range(50)]
    for number, future in enumerate(many):
        assert future.result() == (str(number).encode() * 1000)[::-1]
    done("concurrent")
    channel.close()


def main():
    folder = pathlib.Path(sys.argv[1])
    (local, local_port), (cloud, cloud_port) = serve(None), serve(cloud_credentials(folder))
    print(local_port, cloud_port, flush=True)
    port = int(sys.stdin.readline())
    for authority in ("subscriberdb.local", "state-controller.magma.test"):
        use(port, authority)
    local.stop(None)
    cloud.stop(None)


main()
