"""What tests of several modules here are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zmqlab.lab.endpoints import Reservation
from zmqlab.lab.relay import Relay


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """Two that nobody uses, and no lab is given meanwhile."""
    kept = {"port": Reservation(), "other": Reservation()}
    yield {name: reservation.port for name, reservation in kept.items()}
    for reservation in kept.values():
        reservation.release()


@pytest.fixture
def own_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared relay is this test's own: labs of other tests may need theirs still."""
    monkeypatch.setattr(Relay, "_shared", None)
