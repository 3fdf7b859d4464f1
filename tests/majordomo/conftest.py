"""What tests of several modules here are given."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.majordomo.support import serving
from zmqlab.majordomo import Broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    """In a thread, with one port."""
    with serving() as broker:
        yield broker


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """The command adds a handler that writes to standard error, which is another one in each test."""
    logger = logging.getLogger("zmqlab.majordomo")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
