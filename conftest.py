"""What nbval does not know about our notebooks, hypothesis about our machines, and no test may know of the learner."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings

from zmqlab.course import progress_file
from zmqlab.trace.pause import old_left_alone

settings.register_profile("zmqlab", deadline=None)  # no test asserts a speed
settings.load_profile("zmqlab")


def pytest_configure(config: pytest.Config) -> None:
    """What is solved on this machine is not our business, and what we solve is not the learner's."""
    folder = TemporaryDirectory(prefix="zmqlab-progress-")
    config.add_cleanup(folder.cleanup)
    os.environ[progress_file.VARIABLE] = str(Path(folder.name) / "progress.json")


def pytest_collection_finish(session: pytest.Session) -> None:
    """All modules, tests and parameters stay to the end. Python's collector need not look at them each time: that takes
    0.15 s, and a check has it look after each scenario."""
    stay = ExitStack()
    stay.enter_context(old_left_alone())
    session.config.add_cleanup(stay.close)


@pytest.hookimpl(optionalhook=True)  # the learner has no xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    """In place of the plain `--dist=loadfile`, which pyproject.toml asks for."""
    if config.getoption("dist") != "loadfile":
        return None
    from tests.scheduling import Mixed

    return Mixed(config, log)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """nbval compares a picture's text; tests/notebooks/test_tryout.py its SVG by structure, and HTML."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml", "text/html")
