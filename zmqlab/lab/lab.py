"""`Lab`: the learner's functions in background threads, and everything that can be seen of them."""

from __future__ import annotations

import atexit
import os
import secrets
import threading
import warnings
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ..trace import Log, Message, Trace
from . import actor as actors
from . import interrupt
from .actor import Actor
from .caretaker import Caretaker
from .endpoints import Endpoints
from .errors import LabClosed, NoSuchActor
from .progress import Progress
from .sockets import TracedContext
from .tap import Tap

if TYPE_CHECKING:
    from ..view.picture import Picture
    from ..view.widget import FlowView
    from .links import Relay

F = TypeVar("F", bound=Callable[..., Any])

PATIENCE = 1.0  # seconds that each rung of stopping an actor may take

_labs: dict[str, Lab] = {}
# Not from 1: another kernel's sockets, which may connect to ours, must not have the same ids.
_numbers = count(secrets.randbelow(1 << 32))


class Lab:
    """A place where plain pyzmq functions run and every message is seen.

    ``Lab("demo")`` closes an earlier lab of that name, so a cell can be run again. With ``links=False`` the TCP
    connections go directly, without the relay that shows the wire.
    """

    def __init__(self, name: str = "lab", *, links: bool = True) -> None:
        interrupt.never_lost()
        earlier = _labs.get(name)
        if earlier is not None:
            earlier.close()
        self.name = name
        self.log = Log()
        self.trace = Trace(self.log)
        self._number = next(_numbers)
        self._links = links
        self._relay: Relay | None = None
        self._relay_lock = threading.Lock()
        self._endpoints = Endpoints()
        self._actors: dict[str, Actor] = {}
        self._contexts: dict[str, TracedContext] = {}
        self._caretaker = Caretaker()
        self._views: list[FlowView] = []
        self._closed = False
        self._missed = 0
        _labs[name] = self

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._actors)} actors"
        return f"<Lab {self.name!r}: {state}>"

    # -- running ------------------------------------------------------------------------------------------------

    @overload
    def actor(self, function: F, *args: Any, name: str | None = None) -> F: ...

    @overload
    def actor(self, *, name: str | None = None) -> Callable[[F], F]: ...

    def actor(self, function: Any = None, *args: Any, name: str | None = None) -> Any:
        """Run ``function(ctx, *args)`` in a thread of its own, at once; use it as a decorator or call it.

        `ctx` is a `zmq.Context` (for an ``async def`` a `zmq.asyncio.Context`) whose sockets are watched. An actor
        of the same name is stopped first. Returns the function itself: it is still yours to call.

        Raises TypeError when the function cannot be called like that, `LabClosed` after `close`.
        """
        if function is None:
            return lambda decorated: self.actor(decorated, *args, name=name)
        actors.check_function(function, args)
        self._check_open()
        name = name or getattr(function, "__name__", None) or "actor"
        if name in self._contexts:
            raise ValueError(f"{name!r} is the name of a context of this lab; call the actor something else")
        actors.check_not_own(actor for actor in self._actors.values() if actor.name == name)
        actor = Actor(name, function, args, self._tap(name))
        self._warn(self._caretaker.do(lambda: self._begin(actor)))
        return function

    def endpoint(self, name: str) -> str:
        """A loopback address that nobody else gets, ``tcp://127.0.0.1:<port>``; the same for the same name."""
        self._check_open()
        return self._endpoints.get(name)

    def context(self, name: str = "me") -> TracedContext:
        """A watched `zmq.Context` for the cell itself. Called again with the same name it gives a fresh one."""
        self._check_open()
        if name in self._actors:
            raise ValueError(f"{name!r} is the name of an actor of this lab; call the context something else")
        if name in self._contexts:
            actors.close_own(self._contexts[name], 0)
            self._warn(self._caretaker.do(lambda: self._close_context(name)))
        tap = self._tap(name)
        tap.record("actor", name, ("started", "cell"))
        context = self._contexts[name] = TracedContext(tap)
        return context

    def wait(self, *names: str, timeout: float | None = 60.0) -> None:
        """Wait until these actors (none named: all of them) have ended.

        An actor that fails meanwhile, awaited or not, ends the wait with its own error, at the learner's own line.
        Raises TimeoutError after `timeout` seconds, saying what each actor is doing; `NoSuchActor`.
        """
        __tracebackhide__ = True  # IPython shows the cell and the actor's line, and not this function
        waiting = [self._actor(name) for name in names] or list(self._actors.values())
        deadline = None if timeout is None else monotonic() + timeout
        with Progress() as progress:
            while True:
                self._raise_failure(waiting)
                waiting = [actor for actor in waiting if not actor.over.is_set()]
                if not waiting:
                    return
                if deadline is not None and monotonic() >= deadline:
                    raise TimeoutError(self._late(waiting, timeout))
                progress.say("waiting for " + ", ".join(actor.name for actor in waiting))
                # Short waits, because a lock wait cannot be interrupted everywhere.
                waiting[0].over.wait(0.05)

    # -- seeing -------------------------------------------------------------------------------------------------

    def view(self) -> FlowView:
        """The live picture; as many as you like. A cell that is run again replaces its view."""
        from ..view import view

        shown = view(self.trace, title=self.name, live=not self._closed)
        self._views.append(shown)
        return shown

    def picture(self) -> Picture:
        """What happened so far, as a drawing and as a transcript in an order that is the same in every run."""
        from ..view import picture

        self._catch_up()
        return picture(self.trace, title=self.name)

    def messages(self) -> list[Message]:
        """The journeys of all messages, in the order in which they were sent or first seen."""
        self._catch_up()
        return list(self.trace.messages.values())

    def output(self, name: str) -> str:
        """What the actor of that name has printed."""
        return self._actor(name).output.text

    def note(self, text: object) -> None:
        """From inside an actor: put a remark on its lane of the picture."""
        for actor in list(self._actors.values()):
            if actor.runs_here():
                actor.tap.record("note", actor.name, (str(text),))
                return
        raise RuntimeError("lab.note() is for the functions that run as actors: it says on whose lane the remark goes")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all events as JSON Lines; ``Trace.load(path)`` reads them."""
        self._catch_up()
        self.trace.save(path)

    # -- ending -------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop all actors, close all sockets and connections. What was seen stays readable. Can be called again."""
        self._closed = True
        actors.check_not_own(list(self._actors.values()))
        for context in list(self._contexts.values()):
            actors.close_own(context, 0)  # only this thread may
        problems = self._caretaker.do(self._end)
        while self._views:  # by this thread: every other that writes to the kernel's output costs it a pipe
            self._views.pop().end()
        if _labs.get(self.name) is self:  # last, so that an interrupted close is finished by the next Lab(name)
            del _labs[self.name]
        self._warn(problems)

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside -------------------------------------------------------------------------------------------------

    def _tap(self, name: str) -> Tap:
        tap = Tap(self.log, name, self._number, self._shared_relay if self._links else None)
        tap.lab_name = self.name
        return tap

    def _shared_relay(self) -> Relay:
        from .links import Relay

        with self._relay_lock:
            relay = Relay.shared()
            if relay is not self._relay:
                relay.attach(self._number, self.log)
                self._relay = relay
            return relay

    def _actor(self, name: str) -> Actor:
        __tracebackhide__ = True
        try:
            return self._actors[name]
        except KeyError:
            known = ", ".join(self._actors) or "none yet"
            near = get_close_matches(name, self._actors, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise NoSuchActor(f"lab {self.name!r} has no actor {name!r}{hint} Its actors: {known}.") from None

    def _check_open(self) -> None:
        __tracebackhide__ = True
        if self._closed:
            raise LabClosed(f"lab {self.name!r} is closed. Make a new one: lab = Lab({self.name!r})")

    def _catch_up(self) -> None:
        self._flush()
        self.trace.update()

    def _flush(self) -> None:
        """Have what the relay has seen in the log."""
        if self._relay is None:
            return
        if not self._relay.alive:
            self._relay.restart()
        self._relay.flush(self._number)
        missed = self._relay.missed(self._number)
        if missed > self._missed:
            self._missed = missed
            warnings.warn(f"the relay gave up {missed} reports of lab {self.name!r}: too many came", RuntimeWarning, 4)

    def _warn(self, problems: list[str]) -> None:
        for problem in problems:
            warnings.warn(problem, RuntimeWarning, stacklevel=3)

    def _raise_failure(self, waiting: list[Actor]) -> None:
        __tracebackhide__ = True
        unheard = [a for a in list(self._actors.values()) if not a.reported]
        for actor in [*waiting, *unheard]:
            if actor.error is None or not actor.over.is_set():
                continue
            actor.reported = True
            if not getattr(actor.error, "__notes__", None):
                actor.error.add_note(f"This happened in actor {actor.name!r} of lab {self.name!r}.")
            raise actor.error.with_traceback(actor.traceback)

    def _late(self, waiting: list[Actor], timeout: float | None) -> str:
        self._catch_up()
        lines = [f"after {timeout:g} s still running:"]
        for actor in waiting:
            lines.append(f"  {actor.name}: {actor.where() or 'starting'}")
            lines += [f"    {hint}" for hint in self._loose_ends(actor.name)]
        lines.append("Is the message that it waits for on its way? lab.picture() shows. timeout=… waits longer.")
        return "\n".join(lines)

    def _loose_ends(self, name: str) -> Iterator[str]:
        """Why an actor may wait in vain: sockets that lead nowhere."""
        sockets = [socket for socket in self.trace.sockets.values() if socket.closed is None]
        bound = {endpoint for socket in sockets for endpoint in socket.binds}
        for socket in sockets:
            if socket.actor == name and not (socket.binds or socket.connects):
                yield f"its {socket.type} socket is neither bound nor connected"
            for endpoint in socket.connects:
                if socket.actor == name and endpoint not in bound:
                    yield f"its {socket.type} socket connects to {endpoint}, where nobody of this lab is bound"

    # -- what the caretaker does ------------------------------------------------------------------------------------

    def _begin(self, actor: Actor) -> list[str]:
        """Start an actor, in place of an earlier one of that name."""
        problems = self._stop([self._actors[actor.name]]) if actor.name in self._actors else []
        self._actors[actor.name] = actor
        actor.start()
        return problems

    def _end(self) -> list[str]:
        problems = self._stop(list(self._actors.values()))
        for name in list(self._contexts):
            problems += self._close_context(name)
        if self._relay is not None:
            self._relay.detach(self._number)
            self._relay = None
        self._endpoints.release()
        self.trace.update()
        return problems

    def _stop(self, stopping: list[Actor]) -> list[str]:
        """Stop actors; returns, in words, what is wrong with those that had to be abandoned."""
        abandoned = actors.stop(stopping, PATIENCE, self._sink)
        self._flush()
        for actor in stopping:
            if actor.gone.is_set():
                actor.tap.record("actor", actor.name, ("gone", ""))
        return [f"actor {actor.name!r} of lab {self.name!r} {why}" for actor, why in abandoned]

    def _sink(self, sockets: list[str]) -> None:
        if self._relay is not None:
            self._relay.sink(self._number, sockets)

    def _close_context(self, name: str) -> list[str]:
        """End a context whose sockets are closed; returns, in words, what keeps it."""
        context = self._contexts.pop(name)
        # In a thread: a socket that the cell closed itself may linger for a peer that never comes.
        ending = threading.Thread(target=actors.end_context, args=(context,), name=f"zmqlab {name}", daemon=True)
        ending.start()
        ending.join(PATIENCE / 5)
        if ending.is_alive():
            self._sink(context.tap.sockets)
            ending.join(PATIENCE)
        context.tap.record("actor", name, ("ended", ""))
        context.tap.record("actor", name, ("gone", ""))
        return [f"context {name!r} of lab {self.name!r} {actors.LINGERS}"] if ending.is_alive() else []


_process = os.getpid()


@atexit.register
def _close_all() -> None:
    if os.getpid() != _process:
        return  # a fork: the threads and sockets are the parent's
    for lab in list(_labs.values()):
        try:
            lab.close()
        except Exception as error:
            warnings.warn(f"lab {lab.name!r} could not be closed: {error!r}", RuntimeWarning, stacklevel=1)
