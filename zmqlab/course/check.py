"""`check()`: play an exercise's scenarios with the learner's code, and say what came of it."""

from __future__ import annotations

import contextlib
import gc
import inspect
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import zmq

from ..lab.errors import NotStopped
from ..lab.lab import Lab
from ..lab.progress import Progress
from ..lab.spawn import RelayError
from ..trace.pause import old_left_alone
from . import exercises, progress_file
from .exercise import Exercise
from .scenes.faults import deaf, left_state, unheard
from .scenes.pace import STILL, is_busy
from .scenes.play import GRACE, Play
from .scenes.refused import Refused, Unsolved
from .scenes.scenario import Scenario
from .scenes.watch import Watch
from .script import tell
from .verdict import Verdict

PLAYS = 3  # of one scenario, while the machine stands still and it is refused
HASTE = 0.2  # seconds for each step of ending code that is refused: whether it ends does not matter any more
OTHER = 3  # added to the seed, when something is to be dealt in another order
RESTLESS = (
    "It computes all the time, even while there is nothing to do: a loop that never waits keeps one core of the "
    "machine busy. Let poll() or recv() wait, and let it wait for as long as there is time."
)

_begun: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""Of which exercises this very code has passed the first scenario before, in this kernel."""


def check(key: str, code: Any, *, seed: int = 1) -> Verdict:
    """Run the learner's function or class of exercise `key` ("05-a") in a lab, against real sockets.

    A function may be an ``async def``: it then gets a zmq.asyncio.Context, and runs in an event loop.

    The scenarios are the same in every run; another `seed` deals their random parts anew. It stops at the first one
    that is not passed. An endless loop, an exception or a thread left behind is part of the verdict. When the machine
    stood still for a moment, a refusal is not believed at once, and a pass is not where time was what counts: the
    scenario is played anew. It takes some seconds, as a rule less than ten; the stop button ends it.

    A notebook shows the verdict; a plain script prints it. Raises LookupError for a key that is none, TypeError when
    `code` is not the function or class itself.
    """
    return tell(_verdict(key, code, seed))


def _verdict(key: str, code: Any, seed: int) -> Verdict:
    exercise = exercises.load(key)
    _check_code(exercise, code)
    passed: list[str] = []
    remarks: list[str] = []
    with Progress(stops="the check") as progress, _own_streams(), old_left_alone():
        theatre = _Theatre(exercise, code, progress, seed)
        for scenario in exercise.scenarios:
            end = theatre.play(scenario)
            if scenario.advice and isinstance(end.problem, Refused):
                if not end.doubtful:
                    remarks.append(f"{scenario.name}: {end.problem.got}. {end.problem.cause}")
                continue
            if end.problem is not None:
                if theatre.is_spoiled(end, len(passed), _passed_before(key, code)):
                    end.blame_state()
                return end.verdict(exercise, passed, scenario.name)
            if not passed:
                with contextlib.suppress(TypeError):  # an object that cannot be remembered
                    _begun.setdefault(code, set()).add(key)
            passed.append(scenario.name)
        end = theatre.play(exercise.scenarios[0])
        if end.problem is not None:
            if theatre.is_spoiled(end, 1, True):
                end.blame_state()
            return end.verdict(exercise, passed, f"{exercise.scenarios[0].name}, once more")
    progress_file.solved(key)
    if is_busy(theatre.paces):
        remarks.append(RESTLESS)
    return Verdict(exercise, tuple(passed), remarks=tuple(remarks))


def _passed_before(key: str, code: Any) -> bool:
    try:
        return key in _begun.get(code, ())
    except TypeError:
        return False


@dataclass
class _End:
    """How a scenario has ended."""

    play: Play
    problem: Refused | Unsolved | None = None
    doubtful: bool = False  # it may be the machine's fault
    over_time: bool = False  # it took all the time that there is
    starved: bool = False  # its code had no processor for so long that it may be late for that

    def is_open(self, first: bool) -> bool:
        """Whether another play may end otherwise."""
        if self.problem is None:
            return not self.play.proven
        late = isinstance(self.problem, Refused) and self.problem.late
        return (self.doubtful and (first or not self.over_time)) or (late and (first or self.starved))

    def blame_state(self) -> None:
        if isinstance(self.problem, Refused):
            self.problem = left_state(self.problem)

    def verdict(self, exercise: Exercise, passed: list[str], scenario: str) -> Verdict:
        play = self.play
        return Verdict(exercise, tuple(passed), scenario, self.problem, play.lab, play.printed(), self.doubtful)


@dataclass
class _Theatre:
    """Plays scenarios of one exercise with one piece of code."""

    exercise: Exercise
    code: Any
    progress: Progress
    seed: int
    paces: list[tuple[float, float]] = field(default_factory=list)

    def play(self, scenario: Scenario, seed: int = 0) -> _End:
        """Play it anew when it is refused while the machine stood still; when it is refused for being late, the first
        time, or while its code had to wait for a processor; and when it is passed and proves nothing. What takes all
        the time that there is, is played once more at most."""
        for plays in range(1, PLAYS + 1):
            end = self._once(scenario, self.seed + seed)
            if not end.is_open(first=plays == 1):
                break
        return end

    def is_spoiled(self, end: _End, passed: int, before: bool) -> bool:
        """Whether one of the first scenarios, of which so many were passed, is refused now: by what earlier calls have
        left. With another seed, or what is left may be just what is asked for. If none was passed, it is the first one,
        should this code have passed it `before`.

        What is refused for a time proves nothing: with luck it passes, and another time it does not.
        """
        if not _is_of_state(end.problem):
            return False
        first = min(passed, 2) or int(before)
        again = (self.play(scenario, seed=OTHER).problem for scenario in self.exercise.scenarios[:first])
        return any(_is_of_state(problem) for problem in again)

    def _once(self, scenario: Scenario, seed: int) -> _End:
        name = f"check {self.exercise.key}: {scenario.name}"
        lab = Lab(name, links=not scenario.bulk)
        if scenario.bulk:
            lab.log.append = lambda _: None
        with Watch() as watch:
            end = _End(Play(self.exercise, self.code, lab, watch, self.progress, seed, scenario.bulk))
            with _told() as told:
                try:
                    end.problem = _problem(scenario, end.play)
                    end.over_time = end.play.time_is_up()
                    end.starved = end.play.pace.kept_waiting > STILL
                    if end.problem is not None and not (isinstance(end.problem, Refused) and end.problem.certain):
                        end.doubtful = end.play.doubtful()
                finally:
                    warnings.simplefilter("always")  # whatever the learner's code has set meanwhile
                    end.play.close(GRACE if end.problem is None else HASTE)
                    _collect()
        if not scenario.advice:  # there it may have waited in vain
            self.paces.append((end.play.pace.rested, end.play.pace.restless))
        if end.problem is None and told:
            end.problem = deaf(self.exercise, told[0], end.play.used_its_context())
        return end


def _is_of_state(problem: Refused | Unsolved | None) -> bool:
    """Whether what an earlier call has left may be the reason for it."""
    return isinstance(problem, Refused) and not problem.timed


def _problem(scenario: Scenario, play: Play) -> Refused | Unsolved | None:
    try:
        scenario.run(play)
        play.finish()
    except (Refused, Unsolved) as error:
        return error.with_traceback(None)
    except zmq.Again:
        return unheard(play.call)
    except RelayError as error:  # which makes it doubtful
        return Refused(called=play.call, got=str(error), wanted="messages that pass", cause="The lab's relay hangs.")
    return None


def _collect() -> None:
    """Sockets that the learner's code dropped are closed now, not in the next scenario. A context of its own may wait
    in there for a peer that is gone, so another thread does it."""
    collecting = threading.Thread(target=gc.collect, name="zmqlab check", daemon=True)
    collecting.start()
    collecting.join(GRACE)


@contextlib.contextmanager
def _own_streams() -> Iterator[None]:
    """What the learner's code puts in the place of stdout and stderr does not stay there."""
    before = sys.stdout, sys.stderr
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextlib.contextmanager
def _told() -> Iterator[list[str]]:
    """What the lab warns of. All other warnings are shown at the end, and none raises: a check has sockets and tasks of
    its own, and a learner may have asked for errors. That a socket was not closed is for the scenarios to say."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield told
    told += [str(each.message) for each in caught if issubclass(each.category, NotStopped)]
    for each in caught:
        if issubclass(each.category, (NotStopped, ResourceWarning)):
            continue
        try:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno, source=each.source)
        except Warning:
            warnings.showwarning(each.message, each.category, each.filename, each.lineno)


def _check_code(exercise: Exercise, code: Any) -> None:
    wanted = f'check("{exercise.key}", {exercise.name})'
    if inspect.iscoroutine(code):
        code.close()
    if not callable(code):
        raise TypeError(f"give check the function or class itself, {wanted}, not {type(code).__name__}")
