"""A pytest plugin for pyzmq's own tests: writes every outcome to the file that ``OWN_OUTCOMES`` names."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.modules["gevent"] = None  # type: ignore[assignment]  # nor pyzmq's tests of zmq.green: its sockets are not ours

_outcomes: dict[str, str] = {}
_failures: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    worst = ("passed", "skipped", "failed")
    before = _outcomes.get(report.nodeid, "passed")
    _outcomes[report.nodeid] = max(before, report.outcome, key=worst.index)
    if report.failed:
        _failures[report.nodeid] = report.longreprtext


def pytest_sessionfinish() -> None:
    result = {"outcomes": _outcomes, "failures": _failures}
    Path(os.environ["OWN_OUTCOMES"]).write_text(json.dumps(result))
