"""`record`: watch a program that was written without the lab, and keep what it did."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import ContextDecorator
from pathlib import Path
from traceback import format_exception_only
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from ..sockets.hook import unwatch, watch
from ..sockets.tap import Tap
from ..trace import forks
from ..trace.events import ActorData
from ..trace.log import Log
from ..trace.trace import Trace
from .relay import Relay
from .spawn import RelayError
from .viewable import Viewable
from .wiring import Wiring, new_lab_number

if TYPE_CHECKING:
    from ..trace.reading import Label, Roles
    from ..view.widget import FlowView

LONGEST = 48  # characters of a lane's name: the relay learns it from a SOCKS user name, of 255 bytes at most


def record(*paths: str | os.PathLike[str], name: str = "", links: bool = True) -> Recording:
    """Record a program that uses pyzmq as it is: ``with zmqlab.record("run.html"): main()``.

    At the end of the block, however it ends, the recording is written to each of the `paths`: as a page that plays
    (``.html``), a drawing (``.svg``) or a trace (``.jsonl``, which `Trace.load` reads). Without a path, it is in what
    ``with … as run`` gives: ``run.view()``, ``run.to_html(path)`` and so on. It also decorates a function.

    `name` is the title, and the lane of the main thread: by default what the program's file is called. With
    ``links=False`` TCP connections go directly, and not through the relay that shows the wire. The relay is a process,
    but no child of this one.

    The child of a fork is not recorded with its parent; it may record itself, as any process.

    Raises ValueError for a path of another kind, FileNotFoundError where its folder does not exist: at once, and not
    when the program has run.
    """
    return Recording(paths, name or _name_of_program(), links)


class Recording(ContextDecorator, Viewable):
    """What `record` gives. Each thread that makes a socket, and each asyncio task, has a lane named after it.

    The block's end ends the recording and changes nothing else: sockets that are still open work on, unseen.
    """

    def __init__(self, paths: tuple[str | os.PathLike[str], ...], name: str, links: bool) -> None:
        self.name = name
        self._writers = [(Path(path), self._writer(Path(path))) for path in paths]
        self._links = links
        self._lock = threading.Lock()
        self._home: Any = None  # the thread or the task that the block is in: a notebook runs its cells in a task
        self._depth = 0  # a function that it decorates may call itself
        self._views: list[FlowView] = []
        self._begin()
        forks.tell(self)

    def _begin(self) -> None:
        """Nothing has happened yet in this process."""
        self._process = os.getpid()
        self.log = Log()
        self.trace = Trace(self.log)
        self._number = new_lab_number()
        self._taps: WeakKeyDictionary[Any, Tap] = WeakKeyDictionary()  # by thread or task
        self._with_sockets: WeakSet[Tap] = WeakSet()  # the same: a thread may end before its sockets do
        self._direct = ""  # why connections do not go through the relay
        self._wiring = Wiring(self._number, self.name, self.log, self._links, self._in_use)

    def in_child(self) -> None:
        """What runs is the parent's recording, and the block will be left here as well. What it has seen until now can
        be read; a block that is entered here begins anew."""
        self._lock = threading.Lock()
        self._depth = 0
        self._views = []

    def __repr__(self) -> str:
        return f"<Recording {self.name!r}: {'running' if self._depth else 'ended'}>"

    def __enter__(self) -> Recording:
        self._depth += 1
        if self._depth == 1:
            if self._process != os.getpid():
                self._begin()
            self.trace.recorded = False
            self._home = _task() or threading.current_thread()
            watch(self._tap)
        return self

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if not self._depth:  # the child of a fork leaves the block of its parent
            return
        self._depth -= 1
        if not self._depth:
            unwatch(self._tap)
            self._end(error)

    # -- seeing ---------------------------------------------------------------------------------------------------

    def view(self, *, label: Label | None = None, roles: Roles | None = None) -> FlowView:
        """The picture: live while the program runs. `label` and `roles` are those of `Lab.view`."""
        from ..view import view

        shown = view(self.trace, title=self.name, label=label, roles=roles)
        self._views.append(shown)
        return shown

    # -- inside -----------------------------------------------------------------------------------------------------

    def _writer(self, path: Path) -> Callable[[Path], None]:
        writers = {".html": self.to_html, ".svg": self.svg, ".jsonl": self.save}
        if path.suffix not in writers:
            raise ValueError(f"{path}: a recording is written as {', '.join(writers)}, not as {path.suffix or 'that'}")
        if not path.absolute().parent.is_dir():
            raise FileNotFoundError(f"there is no folder {path.absolute().parent} to write {path.name} into")
        return writers[path.suffix]

    def _tap(self) -> Tap:
        """Where the sockets of the calling thread report, or those of its asyncio task."""
        who, name, kind = self._caller()
        with self._lock:
            tap = self._taps.get(who)
            if tap is None:
                tap = self._taps[who] = self._new_tap(name, kind)
        return tap

    def _caller(self) -> tuple[Any, str, str]:
        """The asyncio task or else the thread that runs here, what its lane is called, and its kind."""
        task, thread = _task(), threading.current_thread()
        if task is not None and task is not self._home:
            return task, getattr(task.get_coro(), "__name__", task.get_name()), "asyncio"
        ours = task is not None or thread in (self._home, threading.main_thread())
        return task or thread, self.name if ours else thread.name, "thread"

    def _new_tap(self, name: str, kind: str) -> Tap:
        name = name[:LONGEST]
        taken = {tap.actor for tap in self._taps.values()}
        lane = next(lane for lane in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if lane not in taken)
        wiring = self._wiring
        relay = self._relay if wiring.on else None
        tap = Tap(
            self.log, lane, self._number, relay, lambda endpoint: wiring.bound(endpoint, lane), self.name, plain=True
        )
        tap.record("actor", lane, ActorData("started", kind))
        self._with_sockets.add(tap)
        return tap

    def _relay(self) -> Relay | None:
        """The program goes on without one where there is no room for a process more."""
        if self._direct:
            return None
        try:
            return self._wiring.relay()
        except RelayError as problem:
            self._direct = str(problem)
            return None

    def _in_use(self) -> bool:
        """Does anything still go through the relay? From any thread."""
        return self._depth > 0 or any(tap.in_use for tap in _copy(self._with_sockets))

    def _catch_up(self) -> None:
        self._wiring.flush()
        self.trace.update()

    def _end(self, error: BaseException | None) -> None:
        """Finish the recording. The program is not to fail by it, nor its own error to be lost."""
        try:
            self._catch_up()
        except RelayError as problem:
            _warn(f"what was on the wire last is missing in the recording of {self.name!r}: {problem}")
        if self._direct:
            _warn(f"the wire is not seen in the recording of {self.name!r}: {self._direct}")
        self._tell_ends(error)
        self.trace.recorded = True
        self.trace.update()
        while self._views:
            self._views.pop().end()
        for path, write in self._writers:
            try:
                write(path)
            except Exception as problem:
                _warn(f"the recording of {self.name!r} could not be written to {path}: {problem}")
            else:
                print(f"zmqlab: the recording is in {path}", file=sys.stderr)

    def _tell_ends(self, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            text = "".join(format_exception_only(error)).strip()
            self.log.record("actor", self._tap().actor, ActorData("failed", text))
            self.trace.update()
        state = "stopped" if isinstance(error, KeyboardInterrupt) else "ended"
        for name, actor in list(self.trace.actors.items()):
            if actor.ended is None:
                self.log.record("actor", name, ActorData(state))


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


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=4)


def _name_of_program() -> str:
    """What the file that runs is called; "program" where there is none, as in a notebook."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).stem if file else "program"
