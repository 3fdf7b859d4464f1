"""What steers a lab: one small object per actor and per link, which the API hands out and the buttons use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..trace.actions import action_of
from ..trace.model import Message
from .caretaker import Caretaker
from .cast import Cast
from .steering import Steering

Warn = Callable[[list[str]], None]  # tells of the problems that an action met


class ActorControl:
    """``lab["server"]``: faults of one actor. Each method returns when it is done."""

    def __init__(self, cast: Cast, name: str, warn: Warn) -> None:
        """Raises `NoSuchActor`."""
        cast.find(name)
        self._cast = cast
        self._name = name
        self._warn = warn

    def __repr__(self) -> str:
        return f"<actor {self._name!r}: {self.state}>"

    @property
    def state(self) -> str:
        """ "started", "hung", "ended", "failed", "stopped", "crashed" or "abandoned"."""
        run = self._cast.find(self._name)
        return "hung" if run.tap.hung and not run.over.is_set() else run.state

    def crash(self) -> None:
        """As if its process had been killed: its connections break, what its sockets had not sent is gone.

        A thread cannot be killed, so it is stopped at once from sending and receiving, and ended as soon as Python
        can. A process gets SIGKILL. Raises RuntimeError when it does not run.
        """
        self._warn(self._cast.carry_out("crash", self._name))

    def hang(self) -> None:
        """The program stands still at its next call of a socket, or on the return from this one with the message in
        hand. Its I/O thread lives on: connections stay, messages still arrive in its queues, ZMTP heartbeats are
        answered. A process gets SIGSTOP, and nothing of it lives on.

        Raises RuntimeError when it does not run, or is inside `zmq.proxy`.
        """
        self._warn(self._cast.carry_out("hang", self._name))

    def resume(self) -> None:
        """Go on after `hang`."""
        self._warn(self._cast.carry_out("resume", self._name))

    def restart(self) -> None:
        """Run the same function, or the same command, once more; if it still runs it is stopped first."""
        self._warn(self._cast.carry_out("restart", self._name))


class LinkControl:
    """``lab.link("alice", "server")``: all TCP connections between two actors, those to come included."""

    def __init__(self, steering: Steering, one: str, other: str) -> None:
        self._steering = steering
        self._ends = one, other

    def __repr__(self) -> str:
        link = self._steering.between(*self._ends)
        states = ["cut"] * link.cut + ["held"] * link.hold + [f"latency {link.latency:g} s"] * bool(link.latency)
        return f"<link {' ↔ '.join(self._ends)}: {', '.join(states) or 'open'}>"

    def cut(self) -> None:
        """Neither side is read from now on, and new connections meet silence; nothing is discarded, so `heal` lets
        everything go on. A side that dies meanwhile is noticed by the other only then."""
        self._steering.steer("cut", 0.0, *self._ends)

    def heal(self) -> None:
        """Undo `cut`."""
        self._steering.steer("heal", 0.0, *self._ends)

    def reset(self) -> None:
        """Break the connections that are open now, as a firewall does that has forgotten them. What was under way on
        them is lost. The sockets connect again by themselves, so to a ROUTER a client without a routing id of its own
        is somebody new."""
        self._steering.steer("reset", 0.0, *self._ends)

    def hold(self) -> None:
        """Hold all messages back, at the boundaries between them, until `step` or `release`."""
        self._steering.steer("hold", 0.0, *self._ends)

    def release(self) -> None:
        """Let all messages go on."""
        self._steering.steer("release", 0.0, *self._ends)

    def step(self, timeout: float = 1.0) -> Message:
        """Let the message of this link go on that has waited longest: see `Lab.step`."""
        return self._steering.step(None, timeout, self._ends)

    def latency(self, seconds: float) -> None:
        """Deliver every message that much later, in each direction."""
        self._steering.steer("latency", seconds, *self._ends)


class Buttons:
    """The control of a view: see `zmqlab.view.control`. Commands go through the caretaker, in order."""

    def __init__(
        self,
        caretaker: Caretaker,
        steering: Steering,
        actor: Callable[[str], ActorControl],
        link: Callable[[str, str], LinkControl],
    ) -> None:
        self._caretaker = caretaker
        self._steering = steering
        self._actor = actor
        self._link = link

    def do(self, command: dict[str, Any], tell: Callable[[str], Any]) -> None:
        self._caretaker.soon(lambda: self._carry_out(command), lambda error: tell(str(error)))

    def _carry_out(self, command: dict[str, Any]) -> None:
        action = action_of(str(command.get("action")))
        ends = tuple(str(name) for name in command.get("link") or ())
        if ends:
            self._link(*ends)  # which knows whether there is one
        if action.target == "actor":
            getattr(self._actor(str(command.get("actor"))), action.name)()
        elif action.target == "message":
            self._steering.step(command.get("message"), 0.0, ends)
        else:
            self._steering.steer(action.name, float(command.get("seconds") or 0.0), *ends)
