"""What nbval does not know about our notebooks, and hypothesis about our machines."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("zmqlab", deadline=None)  # no test asserts a speed
settings.load_profile("zmqlab")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """nbval compares a picture's text; tests/notebooks/test_pictures.py compares the structure of its SVG."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
