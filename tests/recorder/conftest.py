"""The fixtures that these tests share with those of the lab."""

from tests.lab.conftest import own_relay, ports

__all__ = ["own_relay", "ports"]
