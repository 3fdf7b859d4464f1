"""What tests of several modules here are given."""

from __future__ import annotations

import socket

import pytest

from zmqlab.lab.relay import Relay


@pytest.fixture
def ports() -> dict[str, int]:
    """Two that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return {"port": one.getsockname()[1], "other": other.getsockname()[1]}


@pytest.fixture
def own_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared relay is this test's own: labs of other tests may need theirs still."""
    monkeypatch.setattr(Relay, "_shared", None)
