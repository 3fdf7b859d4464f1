"""Python's collector is kept from what stays, and comes back to all of it."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator

import pytest

from zmqlab.trace.pause import old_left_alone, without_collector


DEADLINE = 10.0  # seconds


class Ring:
    """Refers to itself, so the collector alone can find it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def nothing_is_set_aside() -> Iterator[None]:
    """What conftest.py sets aside for the whole session is an object like any other here."""
    gc.unfreeze()
    yield
    gc.unfreeze()
    gc.freeze()


def dropped() -> weakref.ref[Ring]:
    return weakref.ref(Ring())


def collected(ring: weakref.ref[Ring]) -> bool:
    """Is it found? A call does nothing while the collector is at work in another thread: that one ends soon."""
    end = time.monotonic() + DEADLINE
    while ring() is not None and time.monotonic() < end:
        gc.collect()
    return ring() is None


def test_what_was_there_is_not_looked_at_meanwhile_and_what_is_new_is() -> None:
    old = dropped()
    with old_left_alone():
        new = dropped()
        assert collected(new)
        assert old() is not None
    assert collected(old)


def test_what_somebody_has_set_aside_for_longer_stays_so() -> None:
    old = dropped()
    gc.freeze()
    with old_left_alone(), without_collector():
        pass
    gc.collect()
    assert old() is not None


def test_after_much_was_made_the_collector_is_as_it_was() -> None:
    with without_collector():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
