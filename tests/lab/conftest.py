"""What tests of several modules here are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from zmqlab.lab.endpoints import Reservation
from zmqlab.lab.relay import Relay


@pytest.fixture(scope="module")
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A real one, for all tests of a module."""
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


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
