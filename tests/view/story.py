"""Short stories for the view's tests, told with hand-written events at chosen milliseconds."""

from __future__ import annotations

from zmqlab.trace.log import Log
from zmqlab.trace.trace import Trace

ALICE, BOB, SERVER = "1.1", "1.2", "1.3"
AUTO = b"\x00k\x8bEg"  # an automatic routing id


class Story:
    def __init__(self) -> None:
        self.log = Log()
        self._sends: dict[str, int] = {}
        self._receives: dict[tuple[str, str], int] = {}
        self._wires: dict[str, int] = {}

    def at(self, ms: float, kind: str, subject: str, *data: object) -> None:
        self.log.append((1_000_000 + int(ms * 1e6), kind, subject, *data))

    def actor(self, name: str, socket: str, type: str, *, connects: str = "", binds: str = "") -> None:
        self.at(0, "actor", name, "started", "thread")
        self.at(0, "socket", socket, "opened", name, type)
        for action, endpoint in (("connect", connects), ("bind", binds)):
            if endpoint:
                self.at(0, "endpoint", socket, action, endpoint)

    def connection(self, id: str, client: str, server: str) -> None:
        self.at(0.1, "connection", id, "opened", client, server, "tcp://127.0.0.1:5555")

    def send(self, ms: float, socket: str, *frames: bytes) -> int:
        number = self._sends[socket] = self._sends.get(socket, -1) + 1
        self.at(ms, "send", socket, number, frames)
        return number

    def wire(self, ms: float, lane: str, *frames: bytes, arrived: bool = True) -> None:
        number = self._wires[lane] = self._wires.get(lane, -1) + 1
        time = 1_000_000 + int(ms * 1e6)
        self.at(ms, "wire", lane, number, frames, time, time + 100_000 if arrived else None)

    def held(self, ms: float, lane: str, *frames: bytes) -> None:
        """The relay has read a message and keeps it back."""
        number = self._wires[lane] = self._wires.get(lane, -1) + 1
        self.at(ms, "wire", lane, number, frames, 1_000_000 + int(ms * 1e6))

    def arrived(self, ms: float, lane: str, number: int) -> None:
        """A message that was held back has been let go."""
        self.at(ms, "arrived", lane, number)

    def control(self, ms: float, action: str, one: str = "", other: str = "", value: float = 0.0) -> None:
        self.at(ms, "control", one, action, value, other)

    def recv(self, ms: float, socket: str, lane: str, *frames: bytes) -> None:
        number = self._receives[socket, lane] = self._receives.get((socket, lane), -1) + 1
        self.at(ms, "recv", socket, number, frames, lane, 1_000_000 + int(ms * 1e6) - 1)

    def wait(self, ms: float, socket: str, call: str) -> None:
        """Its thread was seen in a call that has not returned."""
        self.at(ms, "wait", socket, call, 1_000_000 + int(ms * 1e6))

    def trace(self) -> Trace:
        trace = Trace(self.log)
        trace.update()
        return trace


def echo(first: str = "alice", auto: bytes = AUTO) -> Trace:
    """alice (automatic id) and bob (id "bob") ask the server; `first` is served first. One reply goes to a ghost."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("bob", BOB, "DEALER", connects="tcp://127.0.0.1:5555")
    story.at(0, "option", BOB, "ROUTING_ID", b"bob")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.connection("2", BOB, SERVER)
    asked = {"alice": (ALICE, "1", auto, b"Task-0"), "bob": (BOB, "2", b"bob", b"Hello")}
    order = [first, *(name for name in asked if name != first)]
    for i, name in enumerate(order):
        socket, link, _id, text = asked[name]
        story.send(1 + i, socket, text)
        story.wire(1.2 + i, link + ">", text)
    for i, name in enumerate(order):
        socket, link, id, text = asked[name]
        at = 4 + 10 * i
        story.recv(at, SERVER, link + ">", id, text)
        story.at(at + 0.2, "print", "server", f"got {text.decode()}")
        story.send(at + 5, SERVER, id, b"Done: " + text)
        story.wire(at + 5.1, link + "<", b"Done: " + text)
        story.recv(at + 5.4, socket, link + "<", b"Done: " + text)
    lost = story.send(30, SERVER, b"ghost", b"boo")
    story.at(30.1, "drop", SERVER, lost, "ROUTER: no peer with routing id 'ghost'")
    return story.trace()


def burst(count: int) -> Trace:
    """alice sends `count` messages; the server receives them after the last."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    for n in range(count):
        story.send(1 + n, ALICE, b"Task-%d" % n)
        story.wire(1.1 + n, "1>", b"Task-%d" % n)
    for n in range(count):
        story.recv(count + 2 + n, SERVER, "1>", AUTO, b"Task-%d" % n)
    return story.trace()


def stranger() -> Trace:
    """alice sends one message to a server that is not traced."""
    story = Story()
    story.actor("alice", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, "")
    story.send(1, ALICE, b"hello")
    story.wire(1.1, "1>", b"hello")
    return story.trace()


def steered() -> Story:
    """alice sent #1, #2 and #3 and bob #4 to the server, and all are held."""
    story = Story()
    for name, socket in (("alice", ALICE), ("bob", BOB)):
        story.actor(name, socket, "DEALER", connects="tcp://127.0.0.1:5555")
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")
    story.connection("1", ALICE, SERVER)
    story.connection("2", BOB, SERVER)
    story.control(0.5, "hold")
    for n, (socket, lane, text) in enumerate(
        [(ALICE, "1>", b"Task-0"), (ALICE, "1>", b"Task-1"), (ALICE, "1>", b"Task-2"), (BOB, "2>", b"Hello")]
    ):
        story.send(1 + n, socket, text)
        story.held(1.2 + n, lane, text)
    return story


def brokered() -> Trace:
    """alice and bob (REQ) each ask a broker once, which gives both jobs to its worker, one after the other."""
    story = Story()
    clients = {"alice": ("1.1", "1", b"\0\0\0\0\1"), "bob": ("1.2", "2", b"bob")}
    for name, (socket, link, _) in clients.items():
        story.actor(name, socket, "REQ", connects="tcp://127.0.0.1:5555")
        story.connection(link, socket, "1.3")
    story.actor("broker", "1.3", "ROUTER", binds="tcp://127.0.0.1:5555")
    story.at(0, "socket", "1.4", "opened", "broker", "ROUTER")
    story.at(0, "endpoint", "1.4", "bind", "tcp://127.0.0.1:5556")
    story.actor("worker", "1.5", "DEALER", connects="tcp://127.0.0.1:5556")
    story.at(0.1, "connection", "3", "opened", "1.5", "1.4", "tcp://127.0.0.1:5556", b"w1")
    for n, (socket, link, _) in enumerate(clients.values()):
        story.send(1 + n, socket, b"hello")
        story.wire(1.2 + n, link + ">", b"", b"hello")
    for n, (socket, link, id) in enumerate(clients.values()):
        at = 10 * (n + 1)
        story.recv(at, "1.3", link + ">", id, b"", b"hello")
        story.send(at + 1, "1.4", b"w1", id, b"", b"hello")
        story.wire(at + 1.1, "3<", id, b"", b"hello")
        story.recv(at + 1.4, "1.5", "3<", id, b"", b"hello")
        story.send(at + 4, "1.5", id, b"", b"OK hello")
        story.wire(at + 4.1, "3>", id, b"", b"OK hello")
        story.recv(at + 4.4, "1.4", "3>", b"w1", id, b"", b"OK hello")
        story.send(at + 5, "1.3", id, b"", b"OK hello")
        story.wire(at + 5.1, link + "<", b"", b"OK hello")
        story.recv(at + 5.4, socket, link + "<", b"OK hello")
    return story.trace()


def two_servers(links: bool = True) -> Story:
    """A client whose DEALER deals its tasks out to two servers in turn. Without links nobody sees when they arrive."""
    story = Story()
    story.actor("client", ALICE, "DEALER", connects="tcp://127.0.0.1:5555")
    story.at(0, "endpoint", ALICE, "connect", "tcp://127.0.0.1:5556")
    for n, name in enumerate(("slow", "fast")):
        story.actor(name, f"2.{n}", "ROUTER", binds=f"tcp://127.0.0.1:{5555 + n}")
        if links:
            story.connection(str(n), ALICE, f"2.{n}")
    for n in range(6):
        story.send(1 + n, ALICE, b"Task-%d" % n)
        if links:
            story.wire(1.1 + n, f"{n % 2}>", b"Task-%d" % n)
    for n in (1, 3, 5, 0, 2, 4):
        at, server, task = (10 + n if n % 2 else 30 + n), f"2.{n % 2}", b"Task-%d" % n
        story.recv(at, server, f"{n % 2}>" if links else ALICE, AUTO, task)
        story.send(at + 0.3, server, AUTO, b"Done: " + task)
        if links:
            story.wire(at + 0.4, f"{n % 2}<", b"Done: " + task)
        story.recv(at + 0.6, ALICE, f"{n % 2}<" if links else server, b"Done: " + task)
    return story


def read_between() -> Story:
    """alice asks once; ten minutes later, which somebody has spent reading, alice and bob start anew and ask in turn.

    The server works a tenth of a second on each of their four tasks: while it works on one, the next lies unread.
    """
    story = Story()
    clients = {"alice": (ALICE, "1", AUTO), "bob": (BOB, "2", b"\0k\x8bEh")}
    for name, (socket, link, _) in clients.items():
        story.actor(name, socket, "DEALER", connects="tcp://127.0.0.1:5555")
        story.connection(link, socket, SERVER)
    story.actor("server", SERVER, "ROUTER", binds="tcp://127.0.0.1:5555")

    def ask(name: str, at: float, text: bytes) -> None:
        socket, link, _ = clients[name]
        story.send(at, socket, text)
        story.wire(at + 0.2, link + ">", text)

    def answer(name: str, at: float, took: float, text: bytes) -> None:
        socket, link, id = clients[name]
        story.recv(at, SERVER, link + ">", id, text)
        story.send(at + took, SERVER, id, b"Done: " + text)
        story.wire(at + took + 0.1, link + "<", b"Done: " + text)
        story.recv(at + took + 0.4, socket, link + "<", b"Done: " + text)

    ask("alice", 1, b"Task-0")
    answer("alice", 1.6, 0.5, b"Task-0")
    for name in clients:
        story.at(3, "actor", name, "ended")
    again = 600_000.0
    for name in clients:
        story.at(again, "actor", name, "started", "thread")
        ask(name, again + 2, b"Task-0")
    for n in range(4):
        name = list(clients)[n % 2]
        answer(name, again + 3 + 101 * n, 100, b"Task-%d" % (n // 2))
        if n < 2:
            ask(name, again + 104 + 101 * n, b"Task-1")
    for name in clients:
        story.at(again + 410, "actor", name, "ended")
    return story
