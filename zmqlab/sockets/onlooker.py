"""In which calls the threads of actors wait, as another thread sees it now and then.

It costs the programs nothing: a thread that waits stands still, and its frames say where. A call that does not last is
not told, and nobody tells anything while nobody looks.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from time import monotonic_ns
from types import FrameType
from typing import NamedTuple

import zmq

from ..trace.events import WaitData
from ..trace.pause import current_frames
from .receiving import ReceivingSocket
from .reporter import Reporter
from .tap import Tap

EVERY = 50_000_000  # ns between two looks, and how long a call lasts that is told
DEPTH = 3  # frames looked at: nothing of the program stands above such a call

_CODES = (
    (ReceivingSocket.recv.__code__, "recv"),
    (ReceivingSocket.recv_multipart.__code__, "recv"),
    (ReceivingSocket.recv_into.__code__, "recv"),
    (zmq.Poller.poll.__code__, "poll"),
)


class _Call(NamedTuple):
    kind: str  # "recv", "poll"
    since: int  # ns
    acts: int  # what the actor had sent and received by then


class Onlooker:
    """Looks at the actors of one lab, and remembers what was told of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0  # ns
        self._seen: dict[str, _Call] = {}  # by socket id
        self._told: dict[str, tuple[str, int]] = {}  # kind and acts

    def look(self, taps: Iterable[Tap]) -> None:
        """Tell of the calls that wait just now, and of those that do not any more. From any thread."""
        if not self._lock.acquire(blocking=False):
            return  # somebody else is at it
        try:
            now = monotonic_ns()
            if now >= self._next:
                self._next = now + EVERY
                self._look(list(taps), now)
        finally:
            self._lock.release()

    def _look(self, taps: list[Tap], now: int) -> None:
        frames = current_frames()
        seen: dict[str, _Call] = {}
        for tap in taps:
            reporters = [each for each in tap.open_sockets() if isinstance(each, Reporter)]
            acts = sum(each.sends + sum(list(each.received.values())) for each in reporters)
            for id, kind, since in _calls(reporters, frames):
                seen[id] = _Call(kind, since or self._polls_since(id, acts, now), acts)
            self._tell(tap, {each.id for each in reporters}, seen, now)
        self._seen = seen
        self._told = {id: told for id, told in self._told.items() if id in seen}

    def _polls_since(self, id: str, acts: int, now: int) -> int:
        """One poll after the other, with nothing between them, is one wait."""
        before = self._seen.get(id)
        return before.since if before is not None and (before.kind, before.acts) == ("poll", acts) else now

    def _tell(self, tap: Tap, ids: set[str], seen: dict[str, _Call], now: int) -> None:
        for id in ids:
            call, told = seen.get(id), self._told.get(id)
            if call is None:
                if told is not None:
                    tap.append((now, "wait", id, *WaitData("", now)))
            elif told != (call.kind, call.acts) and now - call.since >= EVERY:
                self._told[id] = call.kind, call.acts
                tap.append((now, "wait", id, *WaitData(call.kind, call.since)))


def _calls(reporters: list[Reporter], frames: dict[int, FrameType]) -> Iterator[tuple[str, str, int]]:
    """Socket, kind of the call, and since when in ns; 0 where the call does not say when it began."""
    threads = {reporter.thread for reporter in reporters}
    for thread in threads:
        yield from _call_in(frames.get(thread), reporters)
    for reporter in reporters:
        if reporter.pending is not None:
            yield reporter.id, *reporter.pending


def _call_in(frame: FrameType | None, reporters: list[Reporter]) -> Iterator[tuple[str, str, int]]:
    for _ in range(DEPTH):
        if frame is None:
            return
        kind = next((kind for code, kind in _CODES if code is frame.f_code), "")
        if kind == "recv":
            names = frame.f_locals
            if names.get("reporter") in reporters and names.get("called"):
                yield names["reporter"].id, kind, names["called"]
            return
        if kind == "poll":
            names = frame.f_locals
            polled = [getattr(socket, "_reporter", None) for socket, _ in list(names["self"].sockets)]
            if names["timeout"] != 0:  # it waits
                yield from [(each.id, kind, 0) for each in polled if each is not None and each in reporters][:1]
            return
        frame = frame.f_back
