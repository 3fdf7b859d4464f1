"""Empty pages of one browser, used again: a page of its own for each test has the browser compute twice as long."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

HEIGHT = 900
NOTHING = "about:blank"


class Pages:
    """What a test has opened and typed goes with the document, the mouse leaves, and the window is as new."""

    def __init__(self, browser: Browser) -> None:
        self._context = browser.new_context()
        self._free: list[Page] = []

    def take(self, width: int, *, still: bool) -> Page:
        """An empty one. `still`: who looks wants nothing to move."""
        page = self._free.pop() if self._free else self._context.new_page()
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(reduced_motion="reduce" if still else "no-preference", color_scheme="light")
        return page

    def put_back(self, page: Page) -> None:
        page.mouse.move(-1, -1)
        page.goto(NOTHING)
        self._free.append(page)

    def close(self) -> None:
        self._context.close()
