"""`Lab`: the learner's functions in background threads, and everything that can be seen of them."""

from __future__ import annotations

import atexit
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from ..sockets import hook
from ..sockets.onlooker import Onlooker
from ..sockets.tap import Tap
from ..sockets.traced import TracedContext
from ..trace import forks
from ..trace.events import ActorData, EndpointData, SocketData, TextData
from ..trace.log import Log
from ..trace.model import Message
from ..trace.trace import Trace
from . import actor as actors
from . import interrupt
from .actor import Actor, Run
from .caretaker import Caretaker
from .cast import PATIENCE, Cast
from .controls import ActorControl, Buttons, LinkControl
from .endpoints import Endpoints
from .entrances import Entrances
from .errors import LabClosed, NotStopped
from .process import Process
from .progress import Progress
from .steering import Steering
from .unheard import Unheard
from .viewable import Viewable
from .wiring import LONGEST_NAME, Wiring, new_lab_number

if TYPE_CHECKING:
    from ..trace.reading import Decode, Label, Roles
    from ..view.widget import FlowView

F = TypeVar("F", bound=Callable[..., Any])

LEAVE = 1.0  # seconds that an actor may take to leave an endpoint; one with unsent messages may stay for ever
LOOK = 0.01  # seconds from one question of `until` to the next

_labs: dict[str, Lab] = {}


class Lab(Viewable):
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
        self._number = new_lab_number()
        self._endpoints = Endpoints()
        self._contexts: dict[str, TracedContext] = {}
        self._views: list[FlowView] = []
        self._closed = False
        self._parents = 0  # in a fork: the process that it belongs to
        self._process = os.getpid()
        self._caretaker = Caretaker(self._check_here)
        self._wiring = Wiring(self._number, name, self.log, on=links)
        self._cast = Cast(name, self._wiring, self._caretaker, self._tap)
        self._steering = Steering(name, self.log, self.trace, self._wiring, self._caretaker, self._catch_up)
        self._onlooker = Onlooker()
        self.log.probes.append(self._look)
        self._buttons = Buttons(self._caretaker, self._steering, self.__getitem__, self.link)
        self._entrances = Entrances(name, self._wiring, self._tap)
        Unheard(lambda: list(self._cast.runs.values()), lambda: self._closed)
        _labs[name] = self
        hook.follow_shadows(self)
        forks.tell(self)

    def in_child(self) -> None:
        """Its actors and their sockets are the parent's. What it has seen until now can be read."""
        self._closed = True
        self._parents = self._process
        self._views.clear()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{len(self._cast.runs)} actors"
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
        self._check_name(name)
        self._warn(self._cast.begin(Actor(name, function, args, self._tap(name))))
        return function

    def endpoint(self, name: str) -> str:
        """A loopback address that nobody else gets, ``tcp://127.0.0.1:<port>``; the same for the same name."""
        self._check_open()
        return self._endpoints.get(name)

    def context(self, name: str = "me") -> TracedContext:
        """A watched `zmq.Context` for the cell itself. Called again with the same name it gives a fresh one."""
        self._check_open()
        if name in self._cast.runs:
            raise ValueError(f"{name!r} is the name of an actor of this lab; call the context something else")
        if name in self._contexts:
            actors.retire(self._contexts[name], f"lab.context({name!r}) was called again; make it anew")
            self._warn(self._caretaker.do(lambda: self._close_context(name)))
        tap = self._tap(name)
        tap.record("actor", name, ActorData("started", "cell"))
        context = self._contexts[name] = TracedContext(tap)
        return context

    def wait(self, *names: str, timeout: float | None = 60.0) -> None:
        """Wait until these actors (none named: all of them) have ended, and others can bind where they were bound.

        An actor that fails meanwhile, awaited or not, ends the wait with its own error, at the learner's own line.
        Raises TimeoutError after `timeout` seconds, saying what each actor is doing; `NoSuchActor`.
        """
        __tracebackhide__ = True  # IPython shows the cell and the actor's line, and not this function
        self._check_here()
        ended = waiting = [self._cast.find(name) for name in names] or list(self._cast.runs.values())
        deadline = None if timeout is None else monotonic() + timeout
        with Progress() as progress:
            while True:
                self._raise_failure(waiting)
                waiting = [actor for actor in waiting if not actor.over.is_set()]
                if not waiting:
                    break
                if deadline is not None and monotonic() >= deadline:
                    raise TimeoutError(f"after {timeout:g} s still running:\n{self._late(waiting)}")
                progress.say("waiting for " + ", ".join(actor.name for actor in waiting))
                # Short waits, because a lock wait cannot be interrupted everywhere.
                waiting[0].over.wait(0.05)
        for actor in ended:
            if self._wiring.has_bound(actor.name):
                actor.gone.wait(LEAVE)

    def until(self, there: Callable[[], object], *, timeout: float = 30.0) -> None:
        """Wait until `there()` is true: a message has arrived, an actor has printed something.

        An actor that fails meanwhile ends the wait with its own error, as in `wait`. Raises TimeoutError after
        `timeout` seconds, saying what each actor is doing.
        """
        __tracebackhide__ = True
        self._check_here()
        deadline = monotonic() + timeout
        with Progress() as progress:
            while not there():
                self._raise_failure([])
                if monotonic() >= deadline:
                    running = [run for run in list(self._cast.runs.values()) if not run.over.is_set()]
                    who = "Still running:" if running else "No actor of this lab is running."
                    raise TimeoutError(f"after {timeout:g} s it has not happened. {who}\n{self._late(running)}")
                progress.say("waiting for what has not happened yet")
                sleep(LOOK)

    # -- seeing -------------------------------------------------------------------------------------------------

    def view(
        self,
        *,
        label: Label | None = None,
        roles: Roles | None = None,
        decode: Decode | None = None,
        where: Literal["here"] | None = None,
        at: float | None = None,
    ) -> FlowView:
        """The live picture; as many as you like. A cell that is run again replaces its view.

        In JupyterLab it stands in a panel at the right of the notebook, which shows the view that was made last. In
        front ends without panels, and with ``where="here"``, it stands in the output of the cell.

        `label` says what stands on a message: a function of the `Message`, or the index of a frame, -1 for the last.
        `roles` says what its frames are for, where the view cannot know: the names of the last ones in order
        (``["correlation id", "payload"]``), names by index, or a function of the message that returns one of these.
        `decode` says in words what is in the frames, where a message is looked at: a function of their bytes.
        All hold for all pictures of this lab from then on.

        With `at` the picture stands still at that moment, in seconds as it counts them.
        """
        from ..view import view

        shown = view(
            self.trace,
            self.name,
            not self._closed,
            self._buttons,
            label=label,
            roles=roles,
            decode=decode,
            where=where,
            at=at,
        )
        self._views.append(shown)
        return shown

    def output(self, name: str) -> str:
        """What the actor of that name has printed."""
        return self._cast.find(name).output.text

    def note(self, text: object) -> None:
        """From inside an actor: put a remark on its lane of the picture."""
        actor = self._cast.here()
        if actor is None:
            raise RuntimeError(
                "lab.note() is for the functions that run as actors: it says on whose lane the remark goes"
            )
        actor.tap.record("note", actor.name, TextData(str(text)))

    # -- steering -----------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Hold the messages of all links back, at the boundaries between them, until `step` or `release`.

        They wait in the relay; when a connection has some 256 KiB of them there, its sender feels the back-pressure.
        Raises RuntimeError in a lab with ``links=False``.
        """
        self._steering.steer("hold")

    def release(self) -> None:
        """Let all messages go on, also those of links that were held alone."""
        self._steering.steer("release")

    def latency(self, seconds: float) -> None:
        """Deliver every message that much later, in each direction."""
        self._steering.steer("latency", seconds)

    def step(self, message: Message | int | None = None, *, timeout: float = 1.0) -> Message:
        """Let one held message go on: this one (or the one of that id), or the one that has waited longest.

        Any order is legal across connections; on one connection and direction the first goes first, as TCP demands.
        Returns its journey once the receiving program has it or, at the latest, after `timeout` seconds; so long it
        also waits for a message to be held. Raises TimeoutError when none is, RuntimeError when the message has
        arrived or another goes first, LookupError when there is none of that id.
        """
        self._check_here()
        return self._steering.step(message, timeout, ())

    def link(self, one: str, other: str) -> LinkControl:
        """The TCP connections of two actors, in both directions: cut, heal, reset, hold, release, step, latency."""
        for name in (one, other):
            if name not in self._contexts:
                self._cast.find(name)
        return LinkControl(self._steering, one, other)

    def __getitem__(self, name: str) -> ActorControl:
        """The actor of that name: crash, hang, resume, restart. Raises `NoSuchActor`."""
        return ActorControl(self._cast, name, self._warn)

    def process(
        self,
        name: str,
        argv: Sequence[str],
        *,
        binds: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        """Run a real process. It is seen through its links: give it ``lab.via(name, endpoint)`` to connect to, and
        name in `binds` the endpoints that it binds.

        What it prints is kept, a non-zero exit code is a failure, and `crash` is SIGKILL. A process of the same name
        is stopped first. Raises OSError when there is no such program.
        """
        self._check_open()
        self._check_name(name)
        run = Process(name, argv, self._tap(name), self._wiring.guard, env, os.fspath(cwd) if cwd else None)
        self._warn(self._cast.begin(run))
        for endpoint in binds:
            socket = run.tap.new_socket_id()
            run.tap.record("socket", socket, SocketData("opened", name, ""))
            run.tap.record("endpoint", socket, EndpointData("bind", endpoint))
            self._wiring.bound(endpoint, name, socket)

    def via(self, name: str, endpoint: str) -> str:
        """An address for the process `name` to connect to in place of `endpoint`: it leads there, and is watched.

        The same for the same two. Raises RuntimeError in a lab with ``links=False``.
        """
        self._check_open()
        return self._entrances.get(name, endpoint)

    # -- ending -------------------------------------------------------------------------------------------------

    def close(self, *, patience: float = PATIENCE) -> None:
        """Stop all actors, close all sockets and connections. What was seen stays readable. Can be called again.

        `patience` is how many seconds each step of stopping an actor may take; one that does not end by any is left
        alone. In a process that was forked from the lab's own nothing is done: the lab runs on in its own.
        """
        if self._parents:
            return
        self._closed = True
        actors.check_not_own(list(self._cast.runs.values()))
        for context in list(self._contexts.values()):
            actors.retire(context, f"lab {self.name!r} was closed")  # only this thread may
        problems = self._caretaker.do(lambda: self._end(patience))
        while self._views:  # by this thread: every other that writes to the kernel's output costs it a pipe
            self._views[-1].end()
            self._views.pop()  # last, too: a view that nobody knows of would be followed for ever
        hook.leave_shadows(self)
        if _labs.get(self.name) is self:  # last, so that an interrupted close is finished by the next Lab(name)
            del _labs[self.name]
        self._warn(problems)

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- inside -------------------------------------------------------------------------------------------------

    def _tap(self, name: str) -> Tap:
        wiring = self._wiring
        return Tap(
            self.log,
            name,
            self._number,
            wiring.relay if wiring.on else None,
            lambda endpoint: wiring.bound(endpoint, name),
            self.name,
        )

    def _check_open(self) -> None:
        __tracebackhide__ = True
        self._check_here()
        if self._closed:
            raise LabClosed(f"lab {self.name!r} is closed. Make a new one: lab = Lab({self.name!r})")

    def _check_here(self) -> None:
        __tracebackhide__ = True
        if self._parents:
            raise LabClosed(
                f"lab {self.name!r} runs in process {self._parents}, of which this one is a fork: its actors and "
                f"sockets are not here. Make one of your own: lab = Lab({self.name!r})"
            )

    def _check_name(self, name: str) -> None:
        if name in self._contexts:
            raise ValueError(f"{name!r} is the name of a context of this lab; call the actor something else")
        if len(name.encode()) > LONGEST_NAME:
            raise ValueError(f"the name of an actor is at most {LONGEST_NAME} bytes long, not {len(name.encode())}")

    def _catch_up(self) -> None:
        self._wiring.flush()
        self.trace.update()

    def _look(self) -> None:
        """Whenever somebody looks at the log: which sends wait, and which other calls?"""
        if not self._closed:
            taps = [run.tap for run in list(self._cast.runs.values())]
            for tap in taps:
                tap.look()
            self._onlooker.look(taps)

    def _warn(self, problems: list[str]) -> None:
        if problems and self._caretaker.is_here():  # a button was pressed: the view tells of it
            raise RuntimeError("; ".join(problems))
        for problem in problems:
            warnings.warn(problem, NotStopped, stacklevel=3)

    def _raise_failure(self, waiting: list[Run]) -> None:
        __tracebackhide__ = True
        unheard = [a for a in list(self._cast.runs.values()) if not a.reported]
        for actor in [*waiting, *unheard]:
            error = actors.failure(actor)
            if error is None:
                continue
            actor.reported = True
            if not getattr(error, "__notes__", None):
                error.add_note(f"This happened in actor {actor.name!r} of lab {self.name!r}.")
            raise error.with_traceback(actor.traceback)

    def _late(self, waiting: list[Run]) -> str:
        """What each of them is doing, and what may keep them."""
        self._catch_up()
        lines = []
        for actor in waiting:
            doing = f"hangs: lab[{actor.name!r}].resume()" if actor.tap.hung else actor.where() or "starting"
            lines.append(f"  {actor.name}: {doing}")
            lines += [f"    {hint}" for hint in self._loose_ends(actor.name)]
        held = sum(m.left is not None and m.arrived is None and not m.end for m in self.trace.messages.values())
        if held and (self.trace.settings.everywhere.hold or self.trace.settings.links):
            lines.append(f"  {held} message{'s are' if held > 1 else ' is'} held back: lab.step() or lab.release()")
        lines.append("Is the message that it waits for on its way? lab.picture() shows. timeout=… waits longer.")
        return "\n".join(lines)

    def _loose_ends(self, name: str) -> Iterator[str]:
        """Why an actor may wait in vain: sockets that lead nowhere."""
        sockets = [socket for socket in self.trace.sockets.values() if socket.closed is None]
        bound = {endpoint for socket in sockets for endpoint in socket.binds}
        before = {endpoint: socket.actor for socket in self.trace.sockets.values() for endpoint in socket.binds}
        for socket in sockets:
            if socket.actor == name and not (socket.binds or socket.connects):
                yield f"its {socket.type} socket is neither bound nor connected"
            for endpoint in socket.connects:
                if socket.actor == name and endpoint not in bound:
                    who = f" any more: {before[endpoint]!r} was, start it again" if endpoint in before else ""
                    yield f"its {socket.type} socket connects to {endpoint}, where nobody of this lab is bound{who}"

    # -- what the caretaker does ------------------------------------------------------------------------------------

    def _end(self, patience: float) -> list[str]:
        problems = self._cast.end(patience)
        for name in list(self._contexts):
            problems += self._close_context(name)
        self._wiring.detach()
        if not problems:  # else somebody may still connect there, and must not meet whoever gets the port next
            self._endpoints.release()
        self.trace.update()
        return problems

    def _close_context(self, name: str) -> list[str]:
        """End a context whose sockets are closed; returns, in words, what keeps it."""
        context = self._contexts.pop(name)
        # In a thread: a socket that the cell closed itself may linger for a peer that never comes.
        ending = threading.Thread(target=actors.end_context, args=(context,), name=f"zmqlab {name}", daemon=True)
        ending.start()
        ending.join(PATIENCE / 5)
        if ending.is_alive():
            self._wiring.sink(context.tap.sockets)
            ending.join(PATIENCE)
        context.tap.record("actor", name, ActorData("ended"))
        self._wiring.gone([context.tap])
        return [f"context {name!r} of lab {self.name!r} {actors.LINGERS}"] if ending.is_alive() else []


@atexit.register
def _close_all() -> None:
    for lab in list(_labs.values()):
        try:
            lab.close()
        except Exception as error:
            warnings.warn(f"lab {lab.name!r} could not be closed: {error!r}", RuntimeWarning, stacklevel=1)


forks.call(_labs.clear)
