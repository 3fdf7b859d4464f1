"""What nbval does not know about our notebooks."""

from __future__ import annotations

import pytest


def pytest_collectstart(collector: pytest.Collector) -> None:
    """nbval compares a picture's text; tests/notebooks/test_pictures.py compares the structure of its SVG."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("image/svg+xml",)
