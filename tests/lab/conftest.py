"""What tests of several modules here are given."""

from __future__ import annotations

import pytest

from tests.ports import free_ports
from zmqlab.lab.relay import Relay


@pytest.fixture
def ports() -> dict[str, int]:
    """Two that nobody uses just now."""
    return dict(zip(("port", "other"), free_ports(2), strict=True))


@pytest.fixture
def own_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared relay is this test's own: labs of other tests may need theirs still."""
    monkeypatch.setattr(Relay, "_shared", None)
