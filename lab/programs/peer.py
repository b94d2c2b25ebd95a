"""One end of a connection that does as it is told, in TCP or in TLS, and says what it does.

    peer.py listen HOST PORT [--plain] [--tls VERSION] [--cipher LIST] [--pem FILE] [--ask CA] DEED...
    peer.py connect HOST PORT [--plain] [--tls VERSION] [--cipher LIST] [--ca FILE] [--pem FILE] [--from PORT] DEED...

A server that is told to `--ask` wants a certificate of the client; a client shows the one of `--pem`.

Deeds, one after the other, for every connection:
    read            a request: up to an empty line
    take N          N bytes
    hear            whatever comes first
    answer N        a whole HTTP answer with a body of N bytes
    part N M        an answer that promises N bytes and has M
    stream N S      an answer of N bytes, 1,000 at a time, S seconds between them
    ask PATH        a request
    send N          N bytes
    get             a whole HTTP answer
    drain           everything until the other end has ended
    alive           from here on the kernel probes the other end (SO_KEEPALIVE)
    wait S          a while
    order           a line on standard input
    goodbye         close_notify, without waiting for the other's
    half            no more from here (shutdown)
    close           close()
    abort           close() with SO_LINGER 0
    again           from the first deed
"""
import socket
import ssl
import struct
import sys
import threading
import time


def say(*words):
    print(*words, flush=True)


def heard(connection, direction, version, content_type, message, data):
    """Alerts as OpenSSL shows them to its callback: content type 21, level and description."""
    if getattr(content_type, "value", content_type) == 21 and len(data) >= 2:
        say("alert", direction, data[0], data[1])


def secured(sock, options, listening):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if listening else ssl.PROTOCOL_TLS_CLIENT)
    context._msg_callback = heard
    if "--tls" in options:
        version = getattr(ssl.TLSVersion, "TLSv" + options["--tls"].removesuffix(".0").replace(".", "_"))
        context.minimum_version = context.maximum_version = version
    if "--cipher" in options:
        context.set_ciphers(options["--cipher"])
    if listening:
        pem = options.get("--pem", "server")
        context.load_cert_chain(pem + ".pem", pem + ".key")
        if "--ask" in options:
            context.load_verify_locations(options["--ask"])
            context.verify_mode = ssl.CERT_REQUIRED
        return context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False)
    context.load_verify_locations(options.get("--ca", "ca.pem"))
    if "--pem" in options:
        context.load_cert_chain(options["--pem"] + ".pem", options["--pem"] + ".key")
    return context.wrap_socket(sock, server_hostname="server.lab", suppress_ragged_eofs=False)


class Peer:
    def __init__(self, sock):
        self.sock = sock
        self.rest = b""

    def until(self, enough):
        while not enough(self.rest):
            more = self.sock.recv(4096)
            if not more:
                raise EOFError("the other end has ended")
            self.rest += more

    def read(self):
        self.until(lambda rest: b"\r\n\r\n" in rest)
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        say("read", head.split(b"\r\n")[0].decode("ascii", "replace"))
        return head

    def take(self, count):
        self.until(lambda rest: len(rest) >= int(count))
        self.rest = self.rest[int(count):]
        say("took", count)

    def hear(self):
        say("heard", len(self.sock.recv(65536)))

    def alive(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def head(self, count):
        return b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % int(count)

    def answer(self, count):
        self.sock.sendall(self.head(count) + b"x" * int(count))
        say("answered", count)

    def part(self, count, sent):
        self.sock.sendall(self.head(count) + b"x" * int(sent))
        say("answered", sent, "of", count)

    def stream(self, count, pause):
        self.sock.sendall(self.head(count))
        for _ in range(int(count) // 1000):
            self.sock.sendall(b"x" * 1000)
            time.sleep(float(pause))

    def ask(self, path):
        self.sock.sendall(b"GET %s HTTP/1.1\r\nHost: server.lab\r\n\r\n" % path.encode())
        say("asked", path)

    def send(self, count):
        self.sock.sendall(b"y" * int(count))
        say("sent", count)

    def get(self):
        head = self.read()
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                self.take(int(line.split(b":")[1]))

    def drain(self):
        try:
            while self.sock.recv(4096):
                pass
        finally:
            say("the other end has ended")

    def wait(self, seconds):
        time.sleep(float(seconds))

    def order(self):
        say("waiting for orders")
        sys.stdin.readline()

    def goodbye(self):
        self.sock.setblocking(False)
        try:
            self.sock.unwrap()
        except ssl.SSLError:
            # The other's answer is not there yet, or it is a FIN: this one has been said.
            pass
        self.sock.setblocking(True)

    def half(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()
        say("closed")

    def abort(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


WORDS = {"take": 1, "answer": 1, "part": 2, "stream": 2, "ask": 1, "send": 1, "wait": 1}


def play(sock, options, deeds, listening):
    try:
        peer = Peer(sock if "--plain" in options else secured(sock, options, listening))
        at = 0
        while at < len(deeds):
            if deeds[at] == "again":
                at = 0
                continue
            count = WORDS.get(deeds[at], 0)
            getattr(peer, deeds[at])(*deeds[at + 1:at + 1 + count])
            at += 1 + count
        return 0
    except (OSError, EOFError) as error:
        say(type(error).__name__ + ":", error)
        return 1


def main():
    mode, host, port, *deeds = sys.argv[1:]
    options = {}
    while deeds and deeds[0].startswith("--"):
        option = deeds.pop(0)
        options[option] = "" if option == "--plain" else deeds.pop(0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if mode == "connect":
        try:
            source = ("", int(options["--from"])) if "--from" in options else None
            sock = socket.create_connection((host, int(port)), source_address=source)
        except OSError as error:
            say(type(error).__name__ + ":", error)
            sys.exit(1)
        say("connected")
        sys.exit(play(sock, options, deeds, False))
    listener = socket.create_server((host, int(port)), family=family)
    while True:
        sock, _ = listener.accept()
        say("accepted")
        threading.Thread(target=play, args=(sock, options, deeds, True), daemon=True).start()


main()
