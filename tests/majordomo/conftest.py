"""What tests of several modules here are given."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import zmq

from tests.majordomo.support import serving
from zmqlab.majordomo import Broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    """In a thread, with one port."""
    with serving() as broker:
        yield broker


@pytest.fixture(params=[1, 2], ids=["one port", "two ports"])
def broker_of_each_kind(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """In a thread, with one port and with two."""
    with serving(ports=request.param) as broker:
        yield broker


@pytest.fixture
def context() -> Iterator[zmq.Context[Any]]:
    """Plain peers have one of their own; what they have not sent is nobody's business at the end."""
    context: zmq.Context[Any] = zmq.Context()
    yield context
    context.destroy(linger=0)


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """The command adds a handler that writes to standard error, which is another one in each test."""
    logger = logging.getLogger("zmqlab.majordomo")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
