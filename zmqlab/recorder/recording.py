"""`record`: watch a program that was written without the lab, and keep what it did."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import TYPE_CHECKING, Any

from ..lab.viewable import Viewable
from ..trace import forks, store
from ..trace.log import Log
from ..trace.reading import Reading
from ..trace.spool import Spool
from ..trace.trace import Trace
from . import outputs, place
from .recorder import Recorder, here, name_of_program
from .writer import Writer

if TYPE_CHECKING:
    from ..trace.reading import Decode, Label, Roles
    from ..view.widget import FlowView


def record(
    *paths: str | os.PathLike[str],
    name: str = "",
    links: bool = True,
    label: Label | None = None,
    roles: Roles | None = None,
    decode: Decode | None = None,
) -> Recording:
    """Record a program that uses pyzmq as it is: ``with zmqlab.record("run.html"): main()``.

    At the end of the block, however it ends, the recording is written to each of the `paths`: as a page that plays
    (``.html``), a drawing (``.svg``) or a trace (``.jsonl``, which `Trace.load` reads). Without a path, it is in what
    ``with … as run`` gives: ``run.view()``, ``run.to_html(path)`` and so on. It also decorates a function.

    With a path it is written while it goes on, into a folder beside the first one, ``run.recording``. What a killed
    process leaves there, ``python -m zmqlab merge run.recording -o run.html`` reads.

    `name` is the title, and the lane of the main thread: by default what the program's file is called. With
    ``links=False`` TCP connections go directly, and not through the relay that shows the wire. The relay is a process,
    but no child of this one.

    `label` says what stands on a message, `roles` what its frames are for, and `decode` what is in them: a function of
    the frames that gives a text, such as ``lambda frames: repr(msgpack.unpackb(frames[-1]))``. See `Lab.view`. They are
    asked when a picture is made, an error in them is told there, and the program does not notice.

    The child of a fork is not recorded with its parent; it may record itself, as any process. ``python -m zmqlab
    record`` follows the children of a program.

    Raises ValueError for a path of another kind, FileNotFoundError where its folder does not exist: at once, and not
    when the program has run.
    """
    return Recording(paths, name or name_of_program(), links, Reading(label, roles, decode))


class Recording(ContextDecorator, Viewable):
    """What `record` gives. Each thread that makes a socket, and each asyncio task, has a lane named after it.

    The block's end ends the recording and changes nothing else: sockets that are still open work on, unseen.
    """

    def __init__(self, paths: tuple[str | os.PathLike[str], ...], name: str, links: bool, reading: Reading) -> None:
        self.name = name
        self._reading = reading
        self._paths = [outputs.check(path) for path in paths]
        self._links = links
        self._lock = threading.Lock()
        self._depth = 0  # a function that it decorates may call itself
        self._views: list[FlowView] = []
        self._begin()
        forks.tell(self)

    def _begin(self) -> None:
        """Nothing has happened yet in this process."""
        self._process = os.getpid()
        self.log = Log()
        self.log.sources = (here(self.name),)
        self.trace = Trace(self.log)
        self.trace.reading = self._reading
        self._recorder = Recorder(self.name, self.log, self._links)
        self._writer: Writer | None = None

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
            self._write()
            self._recorder.start()
        return self

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if not self._depth:  # the child of a fork leaves the block of its parent
            return
        self._depth -= 1
        if not self._depth:
            self._end(error)

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:  # type: ignore[override]
        """As a decorator: each call is a block, from its beginning to its end, of a coroutine or a generator as well.

        Raises TypeError for an asynchronous generator, to which values can be sent that would not pass.
        """
        if inspect.isasyncgenfunction(func):
            raise TypeError(f"{func!r} is an asynchronous generator: write `with zmqlab.record(…):` within it")
        if inspect.iscoroutinefunction(func):

            @functools.wraps(func)
            async def coroutine(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return await func(*args, **kwargs)

            return coroutine
        if inspect.isgeneratorfunction(func):

            @functools.wraps(func)
            def generator(*args: Any, **kwargs: Any) -> Any:
                with self:
                    return (yield from func(*args, **kwargs))

            return generator
        return super().__call__(func)

    # -- seeing ---------------------------------------------------------------------------------------------------

    def view(self, *, label: Label | None = None, roles: Roles | None = None, decode: Decode | None = None) -> FlowView:
        """The picture: live while the program runs. `label`, `roles` and `decode` are those of `Lab.view`."""
        from ..view import view

        shown = view(self.trace, title=self.name, label=label, roles=roles, decode=decode)
        self._views.append(shown)
        return shown

    # -- inside -----------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Begin to write, where there is a path."""
        if self._paths:
            spool = Spool(place.new_spool(place.free_folder(self._paths[0])), here(self.name))
            self._writer = Writer(self.log, spool, keep=True, beside=self._recorder.revive)
            self._writer.start()

    def _catch_up(self) -> None:
        self._recorder.catch_up()
        self.trace.update()

    def _end(self, error: BaseException | None) -> None:
        """Finish the recording. The program is not to fail by it, nor its own error to be lost."""
        remarks = self._recorder.finish(error)
        for remark in remarks:
            _warn(remark)
        unseen = self._recorder.unseen()
        for remark in unseen:
            print(f"zmqlab: {remark}", file=sys.stderr)
        self.trace.recorded = True
        self.trace.update()
        while self._views:
            self._views.pop().end()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.end([*remarks, *unseen])
        if self._paths:
            self._keep(self._whole(writer), writer)

    def _whole(self, writer: Writer | None) -> Trace:
        """All that was recorded: what memory has no room for is in the file."""
        if writer is None or writer.lost or not writer.spool.path.exists():
            return self.trace
        trace = Trace.of([store.load(writer.spool.path)])
        trace.reading = self.trace.reading
        return trace

    def _keep(self, trace: Trace, writer: Writer | None) -> None:
        kept = True
        for path in self._paths:
            try:
                outputs.write(trace, path, self.name)
            except Exception as problem:
                kept = False
                _warn(f"the recording of {self.name!r} could not be written to {path}: {problem}")
            else:
                print(f"zmqlab: the recording is in {path}", file=sys.stderr)
        if writer is not None and kept:
            place.remove(writer.spool.path)


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=4)
