"""`chaos()`: the run itself."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

import zmq

from ...lab.lab import Lab
from ...lab.progress import Progress
from . import clients, worker
from .clients import Heard
from .report import Report
from .work import noted, requests

PATIENCE = 0.25  # seconds: what the broker is called with
ASKED = 60
WORKERS = 5
START = 20.0  # seconds for the workers: a busy machine is slow
LATE = 1 * PATIENCE  # seconds for an answer that is on its way, when no worker has anything in its hands
LOST = 5 * PATIENCE  # seconds without an answer, and nobody at work, after which what is missing is lost
END = 80 * PATIENCE  # seconds: a broker may be slow, but not for ever

Broker = Callable[[Any, str, str, str, float], object]


def chaos(broker: Broker, *, speech: str = "plain", name: str = "") -> Report:
    """Run ``broker(ctx, frontend, backend, control, patience)`` with five worker processes and sixty requests.

    Two requests kill the process that gets them first (SIGKILL), one has it stand still for four times the patience,
    one takes twice the patience while its worker says that it lives. `speech` is what clients and workers speak:
    "plain" (as exercise 11-a has it) or "majordomo" (those of `zmqlab.majordomo`). It takes some seconds; the stop
    button ends it, and nothing stays behind.

    Raises ValueError for another speech, TypeError when `broker` cannot be called like that, RuntimeError when the
    workers are not heard.
    """
    if speech not in worker.SPEECHES:
        raise ValueError(f"nobody speaks {speech!r}: there are {', '.join(worker.SPEECHES)}")
    name = name or getattr(broker, "__name__", "broker")
    asked = requests(ASKED)
    with (
        TemporaryDirectory(prefix="zmqlab-chaos-", ignore_cleanup_errors=True) as folder,
        Lab(f"chaos {name}") as lab,
        lab.context("control").socket(zmq.PUSH) as control,
        Progress(stops="the run") as progress,
    ):
        control.bind(lab.endpoint("control"))  # nobody tells the broker to stop
        _start(lab, broker, speech, folder)
        _wait_for_workers(lab, progress)

        def more(heard: Heard, since: float, quiet: float) -> bool:
            missing = len(asked) - len(heard.after)
            progress.say(f"{name}: {missing} of {len(asked)} not answered yet")
            return _runs(lab) and since < END and (quiet < (LOST if missing else LATE) or _at_work(Path(folder)))

        heard = clients.SPEECHES[speech](lab.context("client"), lab.endpoint("clients"), asked, more)
        done = noted(Path(folder))["done"]
        return Report(name, len(asked), tuple(heard.after.values()), heard.twice, done, _problem(lab), lab)


def _start(lab: Lab, broker: Broker, speech: str, folder: str) -> None:
    backend = lab.endpoint("workers")
    lab.actor(broker, lab.endpoint("clients"), backend, lab.endpoint("control"), PATIENCE, name="broker")
    for number in range(1, WORKERS + 1):
        name = f"worker {number}"
        arguments = [speech, lab.via(name, backend), folder, str(PATIENCE)]
        lab.process(name, [sys.executable, "-m", worker.__name__, *arguments])


def _wait_for_workers(lab: Lab, progress: Progress) -> None:
    """Until each has said something: how fast a process starts is not the broker's.

    Raises RuntimeError when some have not, and the broker runs.
    """
    heard: set[str] = set()
    deadline = monotonic() + START
    while _runs(lab) and monotonic() < deadline:
        messages = lab.messages()  # first: it brings the trace up to date
        heard = {name for message in messages if (name := lab.trace.actor_of(message.sender)).startswith("worker")}
        if len(heard) == WORKERS:
            return
        progress.say("starting the workers")
        sleep(0.01)
    if _runs(lab):
        raise RuntimeError(
            f"only {len(heard)} of {WORKERS} workers were heard within {START:g} s. If the broker binds its ROUTER to "
            "`backend`, this machine is too busy: run it again."
        )


def _runs(lab: Lab) -> bool:
    """Whether the broker has not ended."""
    return lab["broker"].state == "started"


def _at_work(folder: Path) -> bool:
    """Whether any worker has a request in its hands."""
    words = noted(folder)
    return words["begun"] > words["done"] + words["crashed"]


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
