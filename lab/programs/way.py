"""The way between the two ends: a forwarder in the router, for what its kernel cannot do (it may lack netem).

    way.py CLIENT SERVER

The router hands it every packet through a tun device and takes back what it lets through. Each line on standard input is an
order, answered by `done`:

    carry WHOSE [delay 50ms] [jitter 5ms] [loss 2%] [reorder 2%] [double 2%] [corrupt 2%] [seed 7]
                    from here on the packets of WHOSE (client, server, both) are carried so; what is not said is not done
    spoil WHOSE     one bit of the next data of WHOSE is changed, and the checksum is made right for it
    forge WHOM [ttl N] [id N] [passive] [instead TEXT]
                    a reset in the name of the other end for WHOM (client, server, both), for the connection heard of last;
                    `passive` without the ACK flag; `instead TEXT` in place of the next packet with TEXT, which goes no further.
                    Without `ttl` and `id` they are those that the claimed sender would use

What happens to a packet is drawn from a seed and the packet's number in its direction. A corrupt packet keeps its old checksum:
the receiver's kernel throws it away. Reordered packets come 30 ms late, others never overtake.
"""
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time

LATE = 0.03
FIN, SYN, RST, ACK = 1, 2, 4, 16
KINDS = ("delay", "jitter", "loss", "reorder", "double", "corrupt", "seed")


def tun():
    """A device (linux/if_tun.h: TUNSETIFF, IFF_TUN | IFF_NO_PI), and routes that lead through it."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"way", 0x0001 | 0x1000))
    run("ip link set way up")
    for version in ("-4", "-6"):
        for side in ("to-client", "to-server"):
            run(f"ip {version} rule add iif {side} lookup 7")
        run(f"ip {version} route add default dev way table 7")
    return device


def run(command):
    subprocess.run(command.split(), check=True)


def ones(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Packet:
    """A TCP segment in its IP packet."""

    def __init__(self, data):
        self.v6 = data[0] >> 4 == 6
        if self.v6:
            self.start, self.ttl, self.id = 40, data[7], 0
            self.source, self.target = data[8:24], data[24:40]
            protocol = data[6]
        else:
            self.start, self.ttl, self.id = (data[0] & 15) * 4, data[8], int.from_bytes(data[4:6], "big")
            self.source, self.target = data[12:16], data[16:20]
            protocol = data[9]
        self.tcp = protocol == 6
        if self.tcp:
            head = struct.unpack("!HHIIBBH", data[self.start:self.start + 16])
            self.sport, self.dport, self.seq, self.ack, offset, self.flags, self.window = head
            self.body = self.start + (offset >> 4) * 4
            self.payload = data[self.body:]

    def after(self):
        """The number behind it."""
        return (self.seq + len(self.payload) + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF

    def pseudo(self, length):
        return self.source + self.target + struct.pack("!II" if self.v6 else "!HH", *((length, 6) if self.v6 else (6, length)))


def sealed(packet, segment):
    """The segment with its checksum, bytes 16 and 17 of it."""
    segment = segment[:16] + b"\0\0" + segment[18:]
    return segment[:16] + struct.pack("!H", ones(packet.pseudo(len(segment)) + segment)) + segment[18:]


def reset(like, other, seq, options):
    """A reset in the name of the sender of `like`; `other` is the last packet of the receiver."""
    passive = "passive" in options
    ack = 0 if passive or other is None else other.after()
    flags = RST if passive else RST | ACK
    window = 0 if passive else like.window
    ttl = int(options.get("ttl", like.ttl))
    segment = struct.pack("!HHIIBBHHH", like.sport, like.dport, seq, ack, 5 << 4, flags, window, 0, 0)
    segment = sealed(like, segment)
    if like.v6:
        head = struct.pack("!IHBB", 6 << 28, len(segment), 6, ttl) + like.source + like.target
    else:
        number = int(options.get("id", like.id + 1)) & 0xFFFF
        head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), number, 0x4000, ttl, 6, 0) + like.source + like.target
        head = head[:10] + struct.pack("!H", ones(head)) + head[12:]
    return head + segment


class Way:
    def __init__(self, client, server):
        self.device = tun()
        family = socket.AF_INET6 if ":" in client else socket.AF_INET
        self.client = socket.inet_pton(family, client)
        self.server = socket.inet_pton(family, server)
        self.carries = {"client": {}, "server": {}}
        self.dice = {"client": random.Random("client 0"), "server": random.Random("server 0")}
        self.last_due = {"client": 0.0, "server": 0.0}
        self.last = {}
        self.sent_to = {}
        self.latest = None
        self.spoils = set()
        self.traps = []
        self.queue = []
        self.count = 0

    def order(self, line):
        verb, whose, *words = line.split(" ")
        sides = {"both": ("client", "server"), "client": ("client",), "server": ("server",)}[whose]
        if verb == "carry":
            asked = {kind: float(value.rstrip("ms%")) for kind, value in zip(words[::2], words[1::2], strict=True)}
            if not asked.keys() <= set(KINDS):
                raise ValueError(line)
            for side in sides:
                self.carries[side] = asked
                self.dice[side] = random.Random("%s %d" % (side, asked.get("seed", 0)))
        elif verb == "spoil":
            self.spoils.update(sides)
        elif verb == "forge":
            options = {}
            while words:
                word = words.pop(0)
                if word == "instead":
                    options["instead"], words = " ".join(words).encode(), []
                else:
                    options[word] = "" if word == "passive" else words.pop(0)
            if "instead" in options:
                self.traps.append((sides, options))
            else:
                self.forge(sides, options, self.latest)
        else:
            raise ValueError(line)
        print("done", flush=True)

    def forge(self, whom, options, flow):
        for side in whom:
            other = "server" if side == "client" else "client"
            like = self.last.get((flow, other))
            # The number that the victim waits for: behind all that was let through to it.
            seq = self.sent_to.get((flow, side), like.after())
            self.queue_up(self.last_due[other], reset(like, self.last.get((flow, side)), seq, options))

    def take(self, data):
        packet = Packet(data)
        side = "client" if packet.source == self.client else "server"
        if packet.tcp:
            flow = self.latest = packet.sport if side == "client" else packet.dport
            self.last[flow, side] = packet
            for trap in self.traps:
                if trap[1]["instead"] in packet.payload:
                    self.traps.remove(trap)
                    self.forge(*trap, flow)
                    return
            target = (flow, "server" if side == "client" else "client")
            before = self.sent_to.get(target, packet.after())
            if not packet.flags & RST and (packet.after() - before) & 0xFFFFFFFF < 1 << 31:
                self.sent_to[target] = packet.after()
            if side in self.spoils and packet.payload:
                self.spoils.discard(side)
                data = data[:-1] + bytes([data[-1] ^ 1])
                data = data[:packet.start] + sealed(packet, data[packet.start:])
        self.carry(side, data, bool(packet.tcp and packet.payload))

    def carry(self, side, data, has_data):
        how, dice = self.carries[side], self.dice[side]
        # Always as many numbers, so that what one packet suffers does not depend on what another did.
        draws = {kind: dice.random() * 100 for kind in ("loss", "reorder", "double", "corrupt", "jitter")}
        hit = lambda kind: draws[kind] < how.get(kind, 0)
        if hit("loss"):
            return
        if hit("corrupt") and has_data:
            data = data[:-1] + bytes([data[-1] ^ 1])
        due = time.monotonic() + (how.get("delay", 0) + how.get("jitter", 0) * draws["jitter"] / 100) / 1000
        if hit("reorder"):
            due += LATE
        else:
            due = self.last_due[side] = max(due, self.last_due[side])
        for _ in range(2 if hit("double") else 1):
            self.queue_up(due, data)

    def queue_up(self, due, data):
        self.count += 1
        heapq.heappush(self.queue, (due, self.count, data))

    def go(self):
        orders = b""
        print("done", flush=True)
        while True:
            wait = max(0.0, self.queue[0][0] - time.monotonic()) if self.queue else None
            ready, _, _ = select.select([self.device, 0], [], [], wait)
            if self.device in ready:
                self.take(os.read(self.device, 65536))
            if 0 in ready:
                more = os.read(0, 4096)
                if not more:
                    return
                orders += more
                while b"\n" in orders:
                    line, orders = orders.split(b"\n", 1)
                    self.order(line.decode())
            while self.queue and self.queue[0][0] <= time.monotonic():
                os.write(self.device, heapq.heappop(self.queue)[2])


Way(*sys.argv[1:]).go()
