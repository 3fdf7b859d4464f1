"""The clients' side of the broker: who waits for how many answers, and answers that a slow client does not take yet."""

from __future__ import annotations

from collections.abc import Sequence

from . import wire
from .counts import Counts
from .jobs import Client, weight
from .limits import Limits
from .sockets import Send, Sent
from .wire import Header, Part


class Deliveries:
    """Delivers answers. A client that does not read keeps its own answers waiting, and nobody else's.

    An undelivered answer counts as outstanding, so the limit of requests per client bounds them too. `bytes` is what
    all requests and all backlogs take.
    """

    def __init__(self, limits: Limits, send: Send, counts: Counts) -> None:
        self.bytes = 0
        self.room = limits.room
        self.client_room = limits.max_client_bytes
        self._send = send
        self._counts = counts
        self._clients: dict[bytes, Client] = {}
        self._slow: dict[Client, None] = {}  # those with a backlog

    def outstanding(self, routing_id: bytes) -> int:
        """How many requests of that client have no delivered answer."""
        client = self._clients.get(routing_id)
        return client.outstanding if client else 0

    def why_full(self, routing_id: bytes, more: int) -> str:
        """Why there is no room for so many bytes of that client; "" if there is."""
        if self.bytes + more > self.room:
            return "the broker holds as many bytes as it may"
        client = self._clients.get(routing_id)
        if client and client.bytes + more > self.client_room:
            return "too many bytes of this client"
        return ""

    def hold(self, client: Client, more: int) -> None:
        """So many bytes more for that client, or fewer."""
        client.bytes += more
        self.bytes += more

    def clients(self) -> list[Client]:
        """Those that wait for an answer."""
        return list(self._clients.values())

    def most(self) -> int:
        """The bytes of the client that has most."""
        return max((client.bytes for client in self._clients.values()), default=0)

    def waiting(self) -> int:
        """How many they are."""
        return len(self._clients)

    def enter(self, routing_id: bytes) -> Client:
        """That client has one more request outstanding."""
        client = self._clients.get(routing_id)
        if client is None:
            client = self._clients[routing_id] = Client(routing_id)
        client.outstanding += 1
        return client

    def leave(self, client: Client) -> None:
        """That client has one less outstanding."""
        client.outstanding -= 1
        if not client.outstanding:
            del self._clients[client.routing_id]

    def deliver(self, client: Client, answer: Sequence[Part]) -> bool:
        """Send the answer to an outstanding request, now or when the client's pipe takes it.

        False, and nothing is sent, where the client does not read and what waits for it takes all the room there is.
        """
        if not client.backlog and self._try(client, answer) is not Sent.FULL:
            return True
        if client.backlog and self.why_full(client.routing_id, weight(answer)):
            return False
        self.keep(client, answer)
        return True

    def keep(self, client: Client, answer: Sequence[Part]) -> None:
        """It waits until the client reads."""
        client.backlog.append(answer)
        self.hold(client, weight(answer))
        self._slow[client] = None

    def flush(self) -> None:
        """Try again for the slow clients."""
        for client in list(self._slow):
            while client.backlog and self._try(client, client.backlog[0]) is not Sent.FULL:
                self.hold(client, -weight(client.backlog.popleft()))
            if not client.backlog:
                del self._slow[client]

    def answer(self, routing_id: bytes, service: bytes, header: Header | None, body: Sequence[Part]) -> None:
        """Answer what was never accepted. A client that is too slow to be told so is not told."""
        sent = self._send(wire.build_answer(routing_id, service, header, body))
        if sent is not Sent.YES:
            self._counts.drops[_DROPS[sent]] += 1

    def _try(self, client: Client, answer: Sequence[Part]) -> Sent:
        sent = self._send(answer)
        if sent is Sent.FULL:
            return sent
        if sent is Sent.GONE:
            self._counts.drops[_DROPS[sent]] += 1
        self.leave(client)
        return sent


_DROPS = {Sent.GONE: "answer for a client that is gone", Sent.FULL: "refusal for a client that does not read"}
