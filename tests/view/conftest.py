"""A browser for the tests that need one, and a loud word where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import chromium, wanted


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    wanted()
    with chromium() as browser:
        yield browser
