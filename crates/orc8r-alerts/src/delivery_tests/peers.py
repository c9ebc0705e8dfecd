"""Servers that are told of alerts: HTTPS, SMTP with STARTTLS, and SMTP inside TLS.

Arguments: certificate, key. Prints the three ports, then a JSON line for each request or mail that came."""

import base64
import json
import socketserver
import ssl
import sys
import threading

CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(sys.argv[1], sys.argv[2])
LOCK = threading.Lock()
SEEN = {}


def tell(what):
    with LOCK:
        print(json.dumps(what), flush=True)


class Https(socketserver.StreamRequestHandler):
    """Answers the status that the path names, `/503/…` only the first time."""

    def setup(self):
        self.request = CONTEXT.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self):
        method, path, _ = self.rfile.readline().decode().split(" ")
        headers = {}
        for line in iter(self.rfile.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0))).decode()
        with LOCK:
            SEEN[path] = SEEN.get(path, 0) + 1
            first = path.strip("/").split("/")[0]
            status = int(first) if len(first) == 3 and first.isdigit() and (first != "503" or SEEN[path] == 1) else 202
        self.wfile.write(b"HTTP/1.1 %d Told\r\nContent-Length: 0\r\n\r\n" % status)
        tell({"path": path, "method": method, "headers": headers, "body": body})


class Smtp(socketserver.StreamRequestHandler):
    inside_tls = False

    def setup(self):
        if self.inside_tls:
            self.request = CONTEXT.wrap_socket(self.request, server_side=True)
        super().setup()

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        secure, mail = self.inside_tls, {"said": []}
        self.say("220 mail")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            mail["said"].append(line)
            if verb == "EHLO":
                self.say("250-mail\r\n" + ("250 AUTH PLAIN" if secure else "250 STARTTLS"))
            elif verb == "STARTTLS":
                self.say("220 go on")
                self.request = CONTEXT.wrap_socket(self.request, server_side=True)
                secure = True
                socketserver.StreamRequestHandler.setup(self)
            elif verb == "AUTH":
                secret = base64.b64decode(line.split(" ")[2]).decode().split("\0")
                self.say("235 welcome" if secret[1:] == ["ann", "s3cret"] else "535 no")
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    lines.append(line)
                self.say("250 taken")
                head, body = "\n".join(lines).split("\n\n")
                tell({"secure": secure, "said": mail["said"], "head": head, "body": base64.b64decode(body).decode()})
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Smtps(Smtp):
    inside_tls = True


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


servers = [Server(("127.0.0.1", 0), handler) for handler in (Https, Smtp, Smtps)]
print(json.dumps([server.server_address[1] for server in servers]), flush=True)
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
