"""Pairing against the truth, on bursts made up: any number of peers, any batches of reports, any order of arrival.

A small model of ZeroMQ makes the events: a socket gives its messages to its peers in turn, passes one over now and
then, each peer has a queue of its own, the relay reads what has come and reports it in batches that may be late. Which
send each wire message and each receive was, the model knows.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trace.builder import journey
from zmqlab.trace.events import CLIP, Frames, clip
from zmqlab.trace.log import Log
from zmqlab.trace.model import Message
from zmqlab.trace.trace import Trace

SENDER = "1.1"
TEXTS: dict[str, Callable[[int, Random], Frames]] = {
    "distinct": lambda n, _: (b"%d" % n,),
    "three": lambda _, chance: (chance.choice((b"a", b"b", b"c")),),
    "equal": lambda *_: (b"",),
    "clipped": lambda _, chance: (b"x" * (CLIP + chance.choice((1, 2))),),
    "parts": lambda _, chance: (chance.choice((b"i", b"j")), b"", *[b"p"] * chance.randrange(1, 4)),
}
RECEIVERS = {"PUSH": "PULL", "DEALER": "ROUTER", "PUB": "SUB", "ROUTER": "DEALER"}


@dataclass(frozen=True)
class Burst:
    type: str = "PUSH"
    texts: str = "distinct"
    peers: int = 2
    sends: int = 200
    links: bool = True
    binds: bool = False
    batch: int = 512  # of the relay's reports, at most
    chunk: int = 100  # messages that the relay reads at once, at most
    unfair: float = 0.0  # how often a peer is passed over
    fails: float = 0.0  # how often a send raises
    breaks: float = 0.0  # how often a connection ends and comes back
    late: bool = False  # the peers come while messages are sent
    folds: int = 3  # how often the trace is brought up to date
    seed: int = 0


@dataclass
class Peer:
    number: int
    socket: str
    queue: deque[int] = field(default_factory=deque)  # sends that have not left
    wired: deque[tuple[int, int]] = field(default_factory=deque)  # sends that wait to be received: number, send
    link: str = ""
    opened: bool = False  # the link is reported
    met: int = 0
    wires: int = 0
    receives: int = 0
    here: bool = False
    was_here: bool = False


class World:
    """`raws` are the events as they stand in the log, the rest is the truth."""

    def __init__(self, burst: Burst) -> None:
        self.burst = burst
        self.chance = Random(burst.seed)
        self.time = 1000
        self.raws: list[tuple[Any, ...]] = []
        self.sent: dict[int, int] = {}  # time -> send
        self.frames: list[Frames] = []
        self.left: dict[tuple[str, int], int] = {}  # lane, wire number -> send
        self.received: dict[tuple[str, int], int] = {}  # socket, time -> send
        self._reports: list[tuple[Any, ...]] = []
        self._links = self._turn = 0
        self._peers = [Peer(n, f"1.{n + 2}") for n in range(burst.peers)]
        self._set_up()
        while len(self.frames) < burst.sends:
            self._step()
        for _ in range(self.chance.choice((0, 20, 10 * burst.peers))):  # and perhaps all that was sent is received
            self._step(sends=False)
        for peer in self._peers:
            if peer.here and not peer.opened:
                self._announce(peer)
        self._flush()

    def tick(self) -> int:
        self.time += self.chance.randrange(1, 2000)
        return self.time

    def _event(self, kind: str, subject: str, *data: Any) -> int:
        self.raws.append((self.tick(), kind, subject, *data))
        return self.time

    def _report(self, time: int, kind: str, subject: str, *data: Any) -> None:
        self._reports.append((time, kind, subject, *data))
        if len(self._reports) >= self.burst.batch:
            self._flush()

    def _flush(self) -> None:
        self.raws += self._reports
        self._reports.clear()

    def _set_up(self) -> None:
        burst = self.burst
        self._event("socket", SENDER, "opened", "sender", burst.type)
        for peer in self._peers:
            self._event("socket", peer.socket, "opened", peer.socket, RECEIVERS[burst.type])
            self._event("option", peer.socket, "ROUTING_ID", self._id(peer))
            if not burst.binds:
                self._event("endpoint", peer.socket, "bind", f"tcp://127.0.0.1:{peer.number}")
                self._event("endpoint", SENDER, "connect", f"tcp://127.0.0.1:{peer.number}")
        if burst.binds:
            self._event("endpoint", SENDER, "bind", "tcp://127.0.0.1:9")
        for peer in self._peers:
            if not burst.late or (burst.binds and not peer.number):
                self._come(peer)
                self._announce(peer)

    def _id(self, peer: Peer) -> bytes:
        return b"peer %d" % peer.number

    def _step(self, sends: bool = True) -> None:
        peer = self.chance.choice(self._peers)
        if not peer.here:
            if self.chance.random() < 0.2:
                self._come(peer)
        elif not peer.opened:
            self._announce(peer)
        elif self.chance.random() < self.burst.breaks:
            self._break(peer)
        else:
            actions = [self._read, self._receive, self._read, self._receive]
            self.chance.choice(actions)(peer)
        if self.chance.random() < 0.1:
            self._flush()
        if sends:
            for _ in range(self.chance.choice((1, 3, 200))):
                self._send()

    def _come(self, peer: Peer) -> None:
        """From now on the sender has a queue for it, or empties the one that it had; the relay tells of it later."""
        if self.burst.binds:
            self._event("endpoint", peer.socket, "connect", "tcp://127.0.0.1:9")
        elif peer.was_here:
            self._event("endpoint", peer.socket, "bind", f"tcp://127.0.0.1:{peer.number}")
        peer.was_here = True
        peer.here, peer.met, peer.wires, peer.receives = True, self.tick(), 0, peer.receives * (not self.burst.links)

    def _announce(self, peer: Peer) -> None:
        peer.opened = True
        if self.burst.links:
            self._links += 1
            peer.link = str(self._links)
            client, server = (peer.socket, SENDER) if self.burst.binds else (SENDER, peer.socket)
            ids = (self._id(peer), b"") if self.burst.binds else (b"", self._id(peer))
            self._report(peer.met, "connection", peer.link, "opened", client, server, "tcp://127.0.0.1:9", *ids)

    def _break(self, peer: Peer) -> None:
        """What was under way is lost, and what waits for a peer that had connected; the others keep their queue."""
        peer.wired.clear()
        for _ in range(len(peer.queue) if self.burst.binds else self.chance.randrange(len(peer.queue) + 1)):
            peer.queue.popleft()
        if self.burst.links:
            self._report(self.tick(), "connection", peer.link, "closed", "", "", "", b"", b"", "it ended")
        self._event("endpoint", peer.socket, "disconnect" if self.burst.binds else "unbind", "tcp://127.0.0.1:9")
        peer.here = peer.opened = False

    def _queues(self) -> list[Peer]:
        """To which the sender can send now."""
        if self.burst.binds or self.burst.type == "ROUTER":
            return [peer for peer in self._peers if peer.here]
        return self._peers if self.burst.type != "PUB" else [peer for peer in self._peers if peer.here]

    def _send(self) -> None:
        burst, queues = self.burst, self._queues()
        n = len(self.frames)
        frames = TEXTS[burst.texts](n, self.chance)
        targets = queues if burst.type == "PUB" else []
        if queues and not targets:
            self._turn += 1 + (self.chance.random() < burst.unfair) * self.chance.randrange(9)
            targets = [queues[self._turn % len(queues)]]
        if burst.type == "PUB":
            targets = [peer for peer in targets if self.chance.random() >= burst.unfair]
        to = (self._id(targets[0] if targets else self._peers[0]),) if burst.type == "ROUTER" else ()
        self.frames.append((*to, *frames))
        self.sent[self._event("send", SENDER, n, *clip(self.frames[n]))] = n
        if burst.type != "PUB" and (not targets or self.chance.random() < burst.fails):
            if self.chance.random() < 0.2:
                self._flush()
            self._event("unsent", SENDER, n, "EAGAIN")
            targets = []
        for peer in targets:
            peer.queue.append(n)

    def _read(self, peer: Peer) -> None:
        """The relay reads some messages at once; without one, the receiver has them."""
        left = self.tick()
        lane = f"{peer.link}{'<' if self.burst.binds else '>'}"
        for _ in range(min(len(peer.queue), self.chance.randrange(1, self.burst.chunk + 1))):
            n = peer.queue.popleft()
            peer.wired.append((peer.wires, n))
            if self.burst.links:
                frames, sizes = clip(self._payload(n))
                self.left[lane, peer.wires] = n
                self._report(left, "wire", lane, peer.wires, frames, left, left + 9, sizes)
            peer.wires += 1

    def _receive(self, peer: Peer) -> None:
        lane = f"{peer.link}{'<' if self.burst.binds else '>'}" if self.burst.links else SENDER
        for _ in range(self.chance.randrange(len(peer.wired) + 1)):
            _, n = peer.wired.popleft()
            id = (b"\0peer",) if RECEIVERS[self.burst.type] == "ROUTER" else ()
            frames, sizes = clip((*id, *self._payload(n)))
            time = self._event("recv", peer.socket, peer.receives, frames, lane, self.time, sizes)
            self.received[peer.socket, time] = n
            peer.receives += 1

    def _payload(self, n: int) -> Frames:
        return self.frames[n][1:] if self.burst.type == "ROUTER" else self.frames[n]

    def trace(self) -> Trace:
        log = Log(max_events=len(self.raws) + 1, max_bytes=1 << 40)
        trace = Trace(log, keep=len(self.raws), max_bytes=1 << 40)
        stops = sorted(self.chance.choices(range(len(self.raws)), k=self.burst.folds))
        for start, stop in zip([0, *stops], [*stops, len(self.raws)], strict=True):
            log.extend(self.raws[start:stop])
            trace.update()
        return trace


def tell(message: Message) -> str:
    return f"#{message.id}, {journey(message)}, sent at {message.sent}, number {message.number} on {message.lane}"


def check(world: World, trace: Trace) -> Counter[str]:
    """Compare with the truth; counts what was certain, and what was a guess, and how many guesses were right."""
    counts: Counter[str] = Counter()
    messages = list(trace.messages.values())
    seen: set[tuple[str, int | None]] = set()
    last: dict[str, int] = {}
    for message in sorted(messages, key=lambda m: (m.lane, m.number or 0)):
        assert message.sent is not None, f"nobody has sent it: {tell(message)}"
        sent = world.sent[message.sent]
        truth: int | None = None
        if message.left is not None:
            assert message.sent <= message.left, f"left before it was sent: {tell(message)}"
            assert (message.lane, message.number) not in seen, f"drawn twice: {tell(message)}"
            seen.add((message.lane, message.number))
            truth = world.left[message.lane, message.number or 0]
        if message.received is not None:
            assert message.received_frames is not None
            received = world.received[message.receiver, message.received]
            assert truth in (None, received), f"the receive is another's: {tell(message)}"
            truth = received
            counts["received"] += 1
        if truth is None:
            continue
        alike = world.frames[truth] == world.frames[sent]
        assert alike, f"other words: {tell(message)}"
        counts["certain" if message.certain else "guessed"] += 1
        counts["right"] += truth == sent
        assert truth == sent or not message.certain, f"certain, and wrong (it was send {truth}): {tell(message)}"
        if message.certain:
            assert sent > last.get(message.lane, -1), f"not in order: {tell(message)}"
            last[message.lane] = sent
    assert counts["received"] == len(world.received)
    assert len(seen) == len(world.left)
    shown = Counter(world.left.values() if world.burst.links else world.received.values())
    copies = sum(shown.values()) - len(shown)  # of PUB
    if world.burst.type != "PUB" or world.burst.texts == "distinct":
        assert len(messages) == len(world.frames) + copies
    return counts


bursts = st.builds(
    Burst,
    type=st.sampled_from(list(RECEIVERS)),
    texts=st.sampled_from(list(TEXTS)),
    peers=st.integers(1, 4),
    sends=st.sampled_from((5, 50, 500)),
    links=st.booleans(),
    binds=st.booleans(),
    batch=st.sampled_from((1, 10, 512)),
    chunk=st.sampled_from((1, 10, 600)),
    unfair=st.sampled_from((0.0, 0.1, 0.5)),
    fails=st.sampled_from((0.0, 0.1)),
    breaks=st.sampled_from((0.0, 0.2)),
    late=st.booleans(),
    folds=st.integers(0, 5),
    seed=st.integers(0, 1 << 16),
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(bursts)
def test_every_message_is_drawn_once_and_nothing_certain_is_wrong(burst):
    world = World(burst)
    check(world, world.trace())


@pytest.mark.parametrize("texts", TEXTS)
@pytest.mark.parametrize("type", RECEIVERS)
@pytest.mark.parametrize("binds", [True, False], ids=["binds", "connects"])
def test_a_burst_may_wait_as_a_whole(type, texts, binds):
    """Batches of 512, of which a lane brings hundreds in a row, and peers that are passed over."""
    for seed in range(5):
        burst = Burst(type, texts, peers=3, sends=600, binds=binds, chunk=600, unfair=0.3, late=seed > 2, seed=seed)
        world = World(burst)
        check(world, world.trace())


def test_the_check_sees_a_wrong_pairing():
    world = World(Burst())
    trace = world.trace()
    one, other = [message for message in trace.messages.values() if message.certain and message.left][:2]
    one.sent, other.sent = other.sent, one.sent
    one.sent_frames, other.sent_frames = other.sent_frames, one.sent_frames
    with pytest.raises(AssertionError, match=r"left before it was sent|other words|certain, and wrong"):
        check(world, trace)


def lines_run(burst: Burst) -> float:
    """How many lines of the fold run for one event."""
    world = World(burst)
    ours = str(Path("zmqlab", "trace"))
    count = 0

    def step(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step if ours in frame.f_code.co_filename else None

    threading.settrace(step)  # the fold has a thread of its own
    try:
        world.trace()
    finally:
        threading.settrace(None)
    return count / len(world.raws)


@pytest.mark.parametrize("texts", ["distinct", "three", "equal"])
@pytest.mark.parametrize("type", ["PUSH", "PUB"])
def test_the_work_for_an_event_does_not_grow_with_what_waits(type, texts):
    """Ten times as many wait; a search through them would take ten times as long."""
    few, many = (
        lines_run(Burst(type, texts, sends=sends, chunk=sends, unfair=0.3, folds=0, seed=3)) for sends in (300, 3000)
    )
    assert many < 1.3 * few
