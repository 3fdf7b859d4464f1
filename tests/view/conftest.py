"""A browser for the tests that need one, and a loud word where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import chromium, wanted

if TYPE_CHECKING:
    from tests.view.page import Open, ViewPage
    from tests.view.pages import Pages
    from zmqlab.trace.trace import Trace


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    wanted()
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(browser: Any) -> Iterator[Pages]:
    from tests.view.pages import Pages  # with Playwright, which may be missing

    pages = Pages(browser)
    yield pages
    pages.close()


@pytest.fixture
def show(pages: Pages) -> Iterator[Open]:
    """Open a view, which is `still`: nothing in it moves by itself. At the end no error may have been thrown in it."""
    from tests.view.page import ViewPage  # with Playwright, which may be missing

    opened: list[ViewPage] = []

    def show(trace: Trace, width: int = 1280, *, still: bool = True, **looks: Any) -> ViewPage:
        opened.append(ViewPage(pages.take(width, still=still), trace, **looks))
        return opened[-1]

    yield show
    for view in opened:
        pages.put_back(view.leave())
