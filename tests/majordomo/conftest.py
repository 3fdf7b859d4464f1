"""What tests of several modules here are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.majordomo.support import serving
from zmqlab.majordomo import Broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    """In a thread, with one port."""
    with serving() as broker:
        yield broker
