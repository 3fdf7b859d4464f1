"""Holding, slowing and cutting the links of a lab, and letting single messages go."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

from ..trace.actions import Action, action_of
from ..trace.events import ControlData, Setting
from ..trace.log import Log
from ..trace.model import Message
from ..trace.trace import Trace
from .caretaker import Caretaker
from .wiring import Wiring

LOOK = 0.002  # seconds between two looks for what a step waits for


class Steering:
    """`catch_up` brings the trace up to date."""

    def __init__(
        self, lab: str, log: Log, trace: Trace, wiring: Wiring, caretaker: Caretaker, catch_up: Callable[[], None]
    ) -> None:
        self._lab = lab
        self._log = log
        self._trace = trace
        self._wiring = wiring
        self._caretaker = caretaker
        self._catch_up = catch_up

    def steer(self, action: str, value: float = 0.0, one: str = "", other: str = "") -> None:
        """Carry out an action of the table: on the link of two actors or, without them, on all links.

        Raises RuntimeError in a lab without links, ValueError for what cannot be done so.
        """
        self._check_links()
        known = action_of(action)
        known.check(value, one, other)
        self._caretaker.do(lambda: self._steer(known, value, one, other))

    def between(self, one: str, other: str) -> Setting:
        """How the link of two actors is steered."""
        return self._wiring.between(one, other)

    def step(self, message: Message | int | None, timeout: float, between: tuple[str, ...]) -> Message:
        """Let one held message go: see `Lab.step`; without a message the one that has waited longest `between` two
        actors, or anywhere."""
        self._check_links()
        deadline = monotonic() + timeout
        lane, number = self._let_go(message, deadline, between)
        while True:
            self._catch_up()
            gone = self._find(lane, number)
            watched = gone is not None and gone.watched and gone.receiver
            if gone is not None and (gone.received is not None or not watched or monotonic() >= deadline):
                return gone
            sleep(LOOK)

    def _check_links(self) -> None:
        if not self._wiring.on:
            raise RuntimeError(
                f"lab {self._lab!r} was made with links=False: its messages pass nothing that could hold them. "
                f"Make it anew: lab = Lab({self._lab!r})"
            )

    def _steer(self, action: Action, value: float, one: str, other: str) -> None:
        self._wiring.steer(action, value, one, other)
        self._log.record("control", one, ControlData(action.name, value, other))

    def _let_go(self, message: Message | int | None, deadline: float, between: tuple[str, ...]) -> tuple[str, int]:
        while True:
            lane, number = self._place(message, deadline) if message is not None else ("", 0)
            answer = self._caretaker.do(lambda: self._wiring.step(between, lane, number))  # noqa: B023 - done at once
            if "refused" not in answer:
                return str(answer["lane"]), int(answer["number"])
            if answer["refused"] == "not first":
                first = self._find(lane, answer["first"])
                name = f"message #{first.id}" if first is not None else "an earlier message"
                raise RuntimeError(f"{name} goes first: on one connection and direction TCP keeps the order")
            if monotonic() >= deadline:
                raise TimeoutError(self._nothing(message, between))
            sleep(LOOK)

    def _place(self, message: Message | int, deadline: float) -> tuple[str, int]:
        """The lane of a message and its number there."""
        id = message if isinstance(message, int) else message.id
        while True:
            self._catch_up()
            known = self._trace.messages.get(id)
            if known is None:
                raise LookupError(f"lab {self._lab!r} has no message #{id}")
            if known.arrived is not None or known.received is not None or known.end:
                raise RuntimeError(f"message #{id} is not held: {known.end or 'it has arrived'}")
            if known.number is not None:
                return known.lane, known.number
            if monotonic() >= deadline:
                raise TimeoutError(f"message #{id} has not left its sender: an earlier one is to be let go first")
            sleep(LOOK)

    def _find(self, lane: str, number: int) -> Message | None:
        for message in reversed(list(self._trace.messages.values())):
            if message.lane == lane and message.number == number:
                return message
        return None

    def _nothing(self, message: Message | int | None, between: tuple[str, ...]) -> str:
        if message is not None:
            return f"message #{message if isinstance(message, int) else message.id} is not held"
        where = f" between {' and '.join(between)}" if between else ""
        return f"no message is held{where}. lab.hold() holds those that come from then on; is there one on its way?"
