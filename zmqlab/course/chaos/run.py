"""`chaos()`: the run itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import zmq

from ...lab.lab import Lab
from ...lab.progress import Progress
from . import clients, worker
from .clients import Asker
from .history import Mark, history
from .report import Report
from .script import ASKED, CLIENTS, WORKERS, Fault, script
from .work import Note, Request, noted

PATIENCE = 0.25  # seconds: what the broker is called with
START = 20.0  # seconds for the workers: a busy machine is slow
LATE = 1 * PATIENCE  # seconds for an answer that is on its way, when no worker has anything in its hands
LOST = 5 * PATIENCE  # seconds without an answer, and nobody at work, after which what is missing is lost
END = 80 * PATIENCE  # seconds: a broker may be slow, but not for ever
LOOK = 0.005  # seconds between two looks at what has come

Broker = Callable[[Any, str, str, str, float], object]


def chaos(broker: Broker, *, speech: str = "plain", name: str = "") -> Report:
    """Run ``broker(ctx, frontend, backend, control, patience)`` with five worker processes, and two clients that ask
    thirty requests each.

    Two requests kill the process that gets them first (SIGKILL), one has it stand still for four times the patience,
    two take twice the patience while their workers say that they live. Meanwhile the broker is killed and started again
    (`zmqlab.course.chaos.script` has it all), the link of a client is reset, and that of a worker is silent for a
    while. A client asks again when its connection was made anew. `speech` is what clients and workers speak: "plain"
    (as exercise 13-a has it) or "majordomo" (those of `zmqlab.majordomo`). It takes some seconds; the stop button
    ends it, and nothing stays behind.

    Raises ValueError for another speech, TypeError when `broker` cannot be called like that, RuntimeError when the
    workers are not heard.
    """
    if speech not in worker.SPEECHES:
        raise ValueError(f"nobody speaks {speech!r}: there are {', '.join(worker.SPEECHES)}")
    name = name or getattr(broker, "__name__", "broker")
    with (
        TemporaryDirectory(prefix="zmqlab-chaos-", ignore_cleanup_errors=True) as folder,
        Lab(f"chaos {name}") as lab,
        lab.context("control").socket(zmq.PUSH) as control,
        Progress(stops="the run") as progress,
    ):
        control.bind(lab.endpoint("control"))  # nobody tells the broker to stop
        _start(lab, broker, speech, folder)
        _wait_for_workers(lab, progress)
        with _askers(lab, speech) as askers:
            run = _Run(lab, askers, Path(folder), progress, name)
            run.play()
            run.finish()
        return run.report()


class _Run:
    """What happens once all workers are there."""

    def __init__(self, lab: Lab, askers: dict[str, Asker], folder: Path, progress: Progress, name: str) -> None:
        self._lab = lab
        self._askers = askers
        self._folder = folder
        self._progress = progress
        self._name = name
        self._began = monotonic()
        self._marks: list[Mark] = []

    def play(self) -> None:
        """The script, step by step, while the broker runs."""
        for step in script():
            while _runs(self._lab) and monotonic() < self._began + step.after * PATIENCE:
                self._tell()
                sleep(LOOK)
            if not _runs(self._lab):
                return
            if isinstance(step.do, Request):
                self._askers[step.do.client].ask(step.do)
            else:
                self._make(step.do)

    def finish(self) -> None:
        """Wait for the answers that may come still."""
        since = monotonic()
        while _runs(self._lab) and monotonic() < since + END:
            missing = self._tell()
            quiet = monotonic() - max(since, self._last())
            if quiet > (LOST if missing else LATE) and not _at_work(noted(self._folder)):
                return
            sleep(LOOK)

    def report(self) -> Report:
        """What came of it. The seconds are those of the view."""
        heard = [each for asker in self._askers.values() for each in asker.heard]
        unclaimed = sum(asker.unclaimed for asker in self._askers.values())
        zero = (self._lab.trace.start or 0) / 1e9
        events = history(ASKED, heard, noted(self._folder), self._marks, zero)
        return Report(self._name, events, unclaimed, _problem(self._lab), self._lab)

    def _make(self, fault: Fault) -> None:
        target: Any = self._lab.link(fault.one, fault.other) if fault.other else self._lab[fault.one]
        self._marks.append(Mark(monotonic(), str(fault), frozenset(filter(None, (fault.one, fault.other)))))
        getattr(target, fault.action)()

    def _tell(self) -> int:
        """How many have no answer yet."""
        answered = {each.request for asker in self._askers.values() for each in asker.heard if each.what == "answered"}
        missing = len(ASKED) - len(answered)
        self._progress.say(f"{self._name}: {missing} of {len(ASKED)} not answered yet")
        return missing

    def _last(self) -> float:
        """When a client has heard something."""
        return max((each.at for asker in self._askers.values() for each in asker.heard), default=0.0)


@contextmanager
def _askers(lab: Lab, speech: str) -> Iterator[dict[str, Asker]]:
    make = clients.SPEECHES[speech]
    with ExitStack() as stack:
        askers: dict[str, Asker] = {}
        for name in CLIENTS:
            askers[name] = make(name, lab.context(name), lab.endpoint("clients"))
            stack.callback(askers[name].close)
        yield askers


def _start(lab: Lab, broker: Broker, speech: str, folder: str) -> None:
    backend = lab.endpoint("workers")
    lab.actor(broker, lab.endpoint("clients"), backend, lab.endpoint("control"), PATIENCE, name="broker")
    for name in WORKERS:
        arguments = [speech, name, lab.via(name, backend), folder, str(PATIENCE)]
        lab.process(name, [sys.executable, "-m", worker.__name__, *arguments])


def _wait_for_workers(lab: Lab, progress: Progress) -> None:
    """Until each has said something: how fast a process starts is not the broker's.

    Raises RuntimeError when some have not, and the broker runs.
    """
    heard: set[str] = set()
    deadline = monotonic() + START
    while _runs(lab) and monotonic() < deadline:
        messages = lab.messages()  # first: it brings the trace up to date
        heard = {name for message in messages if (name := lab.trace.actor_of(message.sender)) in WORKERS}
        if len(heard) == len(WORKERS):
            return
        progress.say("starting the workers")
        sleep(0.01)
    if _runs(lab):
        raise RuntimeError(
            f"only {len(heard)} of {len(WORKERS)} workers were heard within {START:g} s. If the broker binds its "
            "ROUTER to `backend`, this machine is too busy: run it again."
        )


def _runs(lab: Lab) -> bool:
    """Whether the broker has not ended by itself. When we have killed it, it is started again at once."""
    return lab["broker"].state in ("started", "crashed")


def _at_work(notes: list[Note]) -> bool:
    """Whether any worker has a request in its hands."""
    begun = sum(note.word == "begun" for note in notes)
    return begun > len(notes) - begun


def _problem(lab: Lab) -> str:
    """Why the broker has ended before the run has."""
    if _runs(lab):
        return ""
    try:
        lab.wait("broker", timeout=0)
    except NotImplementedError:
        return "It is still the skeleton."
    except Exception as error:
        return f"It has failed: {type(error).__name__}: {error}"
    return "It has returned before it was told to."
