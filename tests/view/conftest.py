"""A browser for the tests that need one, and a loud word where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.browser.chromium import arguments, find_browser, how_to_install


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
    path = find_browser()
    if not path and os.environ.get("CI"):
        pytest.fail(how_to_install())
    if not path:
        pytest.skip(how_to_install())
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments())
        yield browser
        browser.close()
