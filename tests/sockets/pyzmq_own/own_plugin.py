"""A pytest plugin for pyzmq's own tests: writes every outcome to a file, and swaps the contexts for traced ones.

``OWN_OUTCOMES`` names the file; with ``OWN_TRACED=1`` every context that a test makes is traced.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import zmq
import zmq.asyncio
import zmq.eventloop.future  # derives from zmq.Context when imported: before it is swapped

from zmqlab.sockets.aio import TracedAsyncContext
from zmqlab.sockets.tap import Tap
from zmqlab.sockets.traced import TracedContext
from zmqlab.trace.log import Log

sys.modules["gevent"] = None  # type: ignore[assignment]  # nor pyzmq's tests of zmq.green: its sockets are not ours

LOG = Log()
TAP = Tap(LOG, "pyzmq's own tests", 1)

_outcomes: dict[str, str] = {}
_failures: dict[str, str] = {}


class Context(TracedContext):
    """Made as the plain one is made; the class methods are the plain ones, but give traced contexts."""

    _repr_cls = "zmq.Context"
    instance: Any = classmethod(zmq.Context.instance.__func__)  # type: ignore[attr-defined]
    shadow: Any = classmethod(zmq.Context.shadow.__func__)  # type: ignore[attr-defined]

    def __init__(self, io_threads: Any = 1, shadow: Any = 0) -> None:
        super().__init__(TAP, io_threads, shadow)

    def __copy__(self, memo: Any = None) -> Any:
        return type(self)(shadow=self.underlying)

    __deepcopy__ = __copy__


class AsyncContext(Context, TracedAsyncContext):
    _repr_cls = "zmq.asyncio.Context"
    _instance = None


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("OWN_TRACED") == "1":
        zmq.Context = zmq.sugar.Context = Context  # type: ignore[misc]
        zmq.asyncio.Context = AsyncContext  # type: ignore[misc]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    worst = ("passed", "skipped", "failed")
    before = _outcomes.get(report.nodeid, "passed")
    _outcomes[report.nodeid] = max(before, report.outcome, key=worst.index)
    if report.failed:
        _failures[report.nodeid] = report.longreprtext


def pytest_sessionfinish() -> None:
    seen = Counter(event.kind for event in LOG.since(0)[0])
    result = {"outcomes": _outcomes, "failures": _failures, "events": seen}
    Path(os.environ["OWN_OUTCOMES"]).write_text(json.dumps(result))
