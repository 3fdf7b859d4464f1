"""What watches the sockets of one process: its lanes, its wire, and what it has to say at the end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import monotonic_ns
from traceback import format_exception_only
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import zmq

from ..lab.relay import Relay
from ..lab.spawn import RelayError
from ..lab.wiring import LONGEST_NAME, Wiring, new_lab_number
from ..sockets import names
from ..sockets.hook import unwatch, watch
from ..sockets.tap import Tap
from ..trace import forks
from ..trace.events import ActorData, LogData, Raw, TextData
from ..trace.log import Log
from ..trace.source import Source
from . import hearing

LINES = 100_000  # that a process prints or logs, and that are kept
AUTOMATIC = re.compile(r"Task-\d+")  # what asyncio calls a task that nobody has named


class Recorder:
    """Has the sockets of this process report to `log` from `start` to `finish`.

    Each thread that makes or uses a socket, and each asyncio task, has a lane named after it; that of the main thread
    is called `name`. `first` is called before the first of them. `keep` says where the relay writes what it sees, as
    `Relay.keep` wants it; without it the relay tells `log`.
    """

    def __init__(
        self,
        name: str,
        log: Log,
        links: bool,
        first: Callable[[], None] = lambda: None,
        keep: dict[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self.running = False
        self._seen = False  # a socket
        self.direct = ""  # why connections do not go through the relay
        self._first = first
        self._lock = threading.Lock()
        self._home: Any = None  # the thread or the task that it began in: a notebook runs its cells in a task
        self._number = new_lab_number()
        self._taps: WeakKeyDictionary[Any, Tap] = WeakKeyDictionary()  # by thread or task
        self._with_sockets: WeakSet[Tap] = WeakSet()  # the same: a thread may end before its sockets do
        self._missed: Counter[str] = Counter()  # sockets that are not recorded, by what they are called
        self._open: dict[str, None] = {}  # lanes that have not ended
        self._heard = self._unheard = 0  # lines that were printed or logged, and those of them that were too many
        self._wiring = Wiring(self._number, name, _While(self), links, self._in_use, keep)
        forks.tell(self)

    def in_child(self) -> None:
        """It is the parent's."""
        self._lock = threading.Lock()
        self.running = False

    def start(self, relay: bool = True) -> None:
        """From now on; with `relay` that process is there before the program goes on, and no connect waits for it."""
        with contextlib.suppress(RelayError):  # what passed since `finish` is not reported late
            self.catch_up()
        self.running = True
        self._home = _task() or threading.current_thread()
        for tap in _copy(self._with_sockets):
            tap.mute(False)
        if relay and self._wiring.on:
            self._relay()
        watch(self.tap, self._miss)
        hearing.listen(self)

    def catch_up(self) -> None:
        """Have in the log what the relay has seen. Raises RelayError."""
        self._wiring.flush()

    def revive(self) -> None:
        """Start the relay again if it has been killed, or the program's connections would stand still. From any
        thread."""
        if self.running and not self.direct:
            try:
                self._wiring.revive()
            except RelayError as problem:
                self.direct = f"it was killed, and did not start again: {problem}"

    def finish(self, error: BaseException | None, over: bool = False) -> list[str]:
        """No longer; what nobody would know otherwise. The program is not to fail by it, nor its own error to be lost:
        `error` is what it ended by. If it is `over` its process ends."""
        hearing.leave(self)
        unwatch(self.tap)
        remarks = []
        try:
            self.catch_up()
        except RelayError as problem:
            remarks.append(f"what was on the wire last is missing in the recording of {self.name!r}: {problem}")
        self.running = False
        if self._unheard:
            remarks.append(f"{self._unheard:,} lines that {self.name!r} printed or logged are not in the recording")
        if self.direct:
            remarks.append(f"the wire is not seen in the recording of {self.name!r}: {self.direct}")
        if names.is_narrow(self._number):
            remarks.append(
                f"a socket of {self.name!r} takes too little (MAXMSGSIZE) for the handshake of a recording: later "
                "connections were made without us, and of their messages only both ends are seen"
            )
        lanes = list(self._open)
        self._tell_ends(error)
        for lane in lanes if over else ():
            self.log.record("actor", lane, ActorData("gone"))
        for tap in _copy(self._with_sockets):
            tap.mute(True)
        return remarks

    @property
    def missed(self) -> bool:
        """Was any socket made that is not recorded?"""
        return bool(self._missed)

    def unseen(self) -> list[str]:
        """What is not in the recording, though somebody may look for it there."""
        missed, self._missed = self._missed, Counter()
        if not self._seen and not missed:
            return [f"no socket was made while {self.name!r} was recorded; those made before are not seen"]
        return [
            f"{count} socket{'s' * (count != 1)} of {kind} {'were' if count != 1 else 'was'} not recorded"
            for kind, count in missed.items()
        ]

    def tap(self) -> Tap:
        """Where the sockets of the calling thread report, or those of its asyncio task."""
        if not self._open:
            self._first()
        with self._lock:
            return self._tap_of(_task() or threading.current_thread())

    def _tap_of(self, who: Any) -> Tap:
        """That of a thread or a task; the lock is held."""
        tap = self._taps.get(who)
        if tap is None:
            tap = self._taps[who] = self._new_tap(*self._called(who))
        return tap

    def lane(self) -> str:
        """That of the calling thread or task; "" while nothing is recorded."""
        return self.tap().actor if self.running else ""

    # -- hearing --------------------------------------------------------------------------------------------------

    def printed(self, line: str) -> None:
        self._say("print", TextData(line))

    def logged(self, level: int, logger: str, text: str) -> None:
        self._say("log", LogData(level, logger, text))

    def failed(self, text: str) -> None:
        lane = self._say("actor", ActorData("failed", text))
        self._open.pop(lane, None)

    def _say(self, kind: str, data: tuple[Any, ...]) -> str:
        """Tell of the calling thread or task, once there is a socket; returns its lane. It may be called anywhere, by
        the garbage collector too, and so waits for nobody."""
        if not self.running or not self._seen:
            return ""
        if self._heard >= LINES:
            self._unheard += 1
            return ""
        who = _task() or threading.current_thread()
        tap = self._taps.get(who)
        if tap is None and self._lock.acquire(blocking=False):
            try:
                tap = self._tap_of(who)
            finally:
                self._lock.release()
        if tap is None:
            self._unheard += 1
            return ""
        self._heard += 1
        self.log.append((monotonic_ns(), kind, tap.actor, *data))
        return tap.actor

    def _called(self, who: Any) -> tuple[str, str]:
        """What the lane of an asyncio task or of a thread is called, and its kind."""
        if who in (self._home, threading.main_thread()):
            return self.name, "thread"
        if isinstance(who, threading.Thread):
            return who.name, "thread"
        name = who.get_name()
        return (getattr(who.get_coro(), "__name__", name) if AUTOMATIC.fullmatch(name) else name), "asyncio"

    def _new_tap(self, name: str, kind: str) -> Tap:
        name = _printable(name)
        taken = {tap.actor for who, tap in list(self._taps.items()) if not _is_over(who)}
        lane = next(lane for lane in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if lane not in taken)
        wiring = self._wiring
        relay = self._relay if wiring.on else None
        tap = Tap(
            self.log, lane, self._number, relay, lambda endpoint: wiring.bound(endpoint, lane), self.name, self.lane
        )
        tap.record("actor", lane, ActorData("started", kind))
        self._seen = True
        self._open[lane] = None
        self._with_sockets.add(tap)
        return tap

    def _relay(self) -> Relay | None:
        """The program goes on without one where there is no room for a process more."""
        if self.direct:
            return None
        try:
            return self._wiring.relay()
        except RelayError as problem:
            self.direct = str(problem)
            return None

    def _in_use(self) -> bool:
        """Does anything still go through the relay? From any thread."""
        return self.running or any(tap.in_use for tap in _copy(self._with_sockets))

    def _miss(self, kind: str) -> None:
        self._missed[kind] += 1

    def _tell_ends(self, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            text = "".join(format_exception_only(error)).strip()
            lane = self.tap().actor
            self.log.record("actor", lane, ActorData("failed", text))
            self._open.pop(lane, None)
        state = "stopped" if isinstance(error, KeyboardInterrupt) else "ended"
        while self._open:
            self.log.record("actor", self._open.popitem()[0], ActorData(state))


def _is_over(who: Any) -> bool:
    """Has the thread or task ended? Then another of its name may have its lane: many short ones come one by one."""
    return bool(who.done()) if isinstance(who, asyncio.Future) else not who.is_alive()


class _While:
    """The log, for the relay: what passes while nothing is recorded is nobody's business."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def append(self, raw: Raw, /) -> None:
        if self._recorder.running:
            self._recorder.log.append(raw)

    def append_chunk(self, count: int, blob: bytes, /) -> None:
        if self._recorder.running:
            self._recorder.log.append_chunk(count, blob)


def here(name: str) -> Source:
    """This process, as a recording tells it."""
    ours = import_module(__name__.partition(".")[0]).__version__
    return Source.here(name, {"pyzmq": zmq.__version__, "libzmq": zmq.zmq_version(), "zmqlab": ours})


def name_of_program() -> str:
    """What the file or the module that runs is called; "program" where there is none, as in a notebook."""
    main = sys.modules.get("__main__")
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    if spec is not None and spec.name.endswith(".__main__"):
        return str(spec.name).split(".")[-2]
    return Path(file).stem if file else "program"


def _printable(name: str) -> str:
    """A name as it can be encoded, whatever the program has called its threads; of a long one both ends."""
    encoded = name.encode("utf-8", "backslashreplace")
    if len(encoded) <= LONGEST_NAME:
        return encoded.decode()
    half = LONGEST_NAME // 2 - 2
    return f"{encoded[:half].decode('utf-8', 'ignore')}…{encoded[-half:].decode('utf-8', 'ignore')}"


def _copy(taps: WeakSet[Tap]) -> list[Tap]:
    while True:
        try:
            return list(taps)
        except RuntimeError:  # another thread has just made its first socket
            continue


def _task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:  # no event loop runs here
        return None
