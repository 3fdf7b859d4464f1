"""Who runs in a lab: actors and processes by name, how they are started, ended, and made to fail."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches

from ..sockets.tap import Tap
from ..trace.events import ControlData
from . import actor as actors
from .actor import Run
from .caretaker import Caretaker
from .errors import NoSuchActor
from .wiring import Wiring

PATIENCE = 1.0  # seconds that each rung of stopping an actor may take


class Cast:
    """The actors of one lab. What takes long is done by the caretaker; each such method returns the problems that it
    met, in words."""

    def __init__(self, lab: str, wiring: Wiring, caretaker: Caretaker, tap: Callable[[str], Tap]) -> None:
        self.runs: dict[str, Run] = {}
        self._lab = lab
        self._wiring = wiring
        self._caretaker = caretaker
        self._tap = tap

    def find(self, name: str) -> Run:
        """Raises `NoSuchActor`."""
        __tracebackhide__ = True
        try:
            return self.runs[name]
        except KeyError:
            known = ", ".join(self.runs) or "none yet"
            near = get_close_matches(name, self.runs, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise NoSuchActor(f"lab {self._lab!r} has no actor {name!r}{hint} Its actors: {known}.") from None

    def here(self) -> Run | None:
        """The actor in whose thread this is called."""
        return next((run for run in list(self.runs.values()) if run.runs_here()), None)

    def begin(self, run: Run) -> list[str]:
        """Start it, in place of an earlier one of that name."""
        actors.check_not_own([self.runs[run.name]] if run.name in self.runs else [])
        return self._caretaker.do(lambda: self._begin(run))

    def carry_out(self, action: str, name: str) -> list[str]:
        """crash, hang, resume or restart. Raises RuntimeError when the actor cannot do that, or is the caller."""
        run = self.find(name)
        actors.check_not_own([run])
        return self._caretaker.do(lambda: self._carry_out(action, self.find(name)))

    def end(self, patience: float) -> list[str]:
        """Stop them all, with so many seconds for each rung."""
        return self._caretaker.do(lambda: self._stop(list(self.runs.values()), patience))

    # -- what the caretaker does ------------------------------------------------------------------------------------

    def _begin(self, run: Run) -> list[str]:
        earlier = self.runs.get(run.name)
        problems = self._stop([earlier]) if earlier is not None else []
        self.runs[run.name] = run  # before it starts: it may ask for itself at once
        try:
            run.start()
        except BaseException:
            del self.runs[run.name]
            raise
        return problems

    def _carry_out(self, action: str, run: Run) -> list[str]:
        if action != "restart" and run.over.is_set():
            raise RuntimeError(
                f"actor {run.name!r} does not run ({run.state}). lab[{run.name!r}].restart() runs it once more."
            )
        if action == "hang":
            run.hang()
        if action == "resume" and not run.tap.hung:
            return []
        run.tap.record("control", run.name, ControlData(action))
        if action == "resume":
            run.resume()
        elif action == "crash":
            return self._crash(run)
        elif action == "restart":
            return self._begin(run.again(self._tap(run.name)))
        return []

    def _crash(self, run: Run) -> list[str]:
        """The others see it at once; the thread may take its time to end, and sends and hears nothing meanwhile."""
        self._wiring.fall(run.name)
        try:
            run.crash()
            return self._stop([run])
        finally:
            self._wiring.fall(run.name, down=False)

    def _stop(self, runs: list[Run], patience: float = PATIENCE) -> list[str]:
        abandoned = actors.stop(runs, patience, self._wiring.sink)
        self._wiring.gone([run.tap for run in runs if run.gone.is_set()])
        return [f"actor {run.name!r} of lab {self._lab!r} {why}" for run, why in abandoned]
