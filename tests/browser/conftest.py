"""JupyterLab and Chromium for the tests of this folder."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, ViewportSize

from tests.browser import chromium as browsers
from tests.browser.chromium import wanted
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer

WIDE, NARROW = ViewportSize(width=1920, height=1080), ViewportSize(width=1280, height=800)
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
PAGE = pytest.StashKey[LabPage]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture of the page on which a test fails."""
    report = yield
    page = item.stash.get(PAGE, None)
    if call.when != "teardown" and call.excinfo and page:
        with suppress(Error):  # a page that has crashed: pytest would end here, and run no more tests
            page.screenshot(RESULTS / f"failed-{item.name}.png")
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Not started where there is no browser to look at it."""
    wanted()
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    try:
        server.wait_until_ready()
        yield server
        server.shut_down_kernels()
    finally:
        server.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[BrowserContext]:
    """Until a test of another folder follows, not for the whole session: see `browsers.chromium`."""
    wanted()
    with browsers.chromium() as browser:
        yield browser.new_context()


@pytest.fixture(scope="package")
def page(chromium: BrowserContext, server: JupyterServer) -> LabPage:
    """One for all tests, as a learner goes from lesson to lesson: JupyterLab takes seconds to load."""
    return LabPage(chromium.new_page(), server)


@pytest.fixture
def lab(page: LabPage, request: pytest.FixtureRequest) -> Iterator[LabPage]:
    """Nothing is open, and what moves may move. The window is 1280 wide, or 1920 where the test is marked so:
    ``@pytest.mark.wide``."""
    page.page.set_viewport_size(WIDE if request.node.get_closest_marker("wide") else NARROW)
    page.page.emulate_media(reduced_motion="no-preference")
    page.problems.clear()
    request.node.stash[PAGE] = page
    yield page
    page.leave()


@pytest.fixture
def results() -> Path:
    """Where screenshots go; git does not see it."""
    return RESULTS
