"""Writes a log by hand, as the sockets and the relay would."""

from zmqlab.trace.log import Log
from zmqlab.trace.model import Message
from zmqlab.trace.trace import Trace


class Script:
    """Each call is one event, one microsecond after the other."""

    def __init__(self) -> None:
        self.log = Log()
        self.time = 0
        self._sends: dict[str, int] = {}
        self._receives: dict[tuple[str, str], int] = {}
        self._wires: dict[str, int] = {}

    def event(self, kind: str, subject: str, *data: object) -> None:
        self.time += 1000
        self.log.append((self.time, kind, subject, *data))

    def socket(self, id: str, type: str, actor: str = "", connects: int = 0, binds: int = 0) -> None:
        self.event("socket", id, "opened", actor or id, type)
        for n in range(connects):
            self.event("endpoint", id, "connect", f"tcp://127.0.0.1:{n}")
        for n in range(binds):
            self.event("endpoint", id, "bind", f"tcp://127.0.0.1:{n}")

    def connection(self, id: str, client: str, server: str, client_id: bytes = b"", server_id: bytes = b"") -> None:
        self.event("connection", id, "opened", client, server, "tcp://127.0.0.1:0", client_id, server_id)

    def unlink(self, id: str) -> None:
        self.event("connection", id, "closed", "", "", "", b"", b"", "the peer closed it")

    def send(self, socket: str, *frames: bytes) -> int:
        number = self._sends[socket] = self._sends.get(socket, -1) + 1
        self.event("send", socket, number, frames)
        return number

    def wire(self, lane: str, *frames: bytes, stuck: bool = False) -> None:
        number = self._wires[lane] = self._wires.get(lane, -1) + 1
        now = self.time + 1000
        self.event("wire", lane, number, frames, now, None if stuck else now)

    def recv(self, socket: str, peer: str, *frames: bytes) -> None:
        number = self._receives[socket, peer] = self._receives.get((socket, peer), -1) + 1
        self.event("recv", socket, number, frames, peer, self.time)

    def trace(self) -> Trace:
        trace = Trace(self.log)
        trace.update()
        return trace

    def messages(self) -> list[Message]:
        return list(self.trace().messages.values())


def journey(message: Message) -> str:
    """The times that a message has, a letter each: sent, left, arrived, received; "?" when the send is inferred."""
    times = {"s": message.sent, "l": message.left, "a": message.arrived, "r": message.received}
    letters = "".join(letter for letter, time in times.items() if time is not None)
    return letters + ("" if message.certain else "?") + (f" {message.end}" if message.end else "")
