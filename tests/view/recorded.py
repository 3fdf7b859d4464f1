"""A page that `to_html` wrote, opened from its file as a reader would open it, with the network off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Dialog, Locator, Page


class RecordedPage:
    """`problems`: what the console reports, exceptions, and everything that the page has asked for but itself."""

    def __init__(self, browser: Browser, file: Path, width: int = 1280, scheme: Any = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", self._ran)
        self.page.on("request", lambda request: self._asked(request.url, file.as_uri()))
        self.page.goto(file.as_uri())
        self.root: Locator = self.page.locator(".zmqlab-flow")
        self.root.wait_for(timeout=10_000)

    def _ran(self, dialog: Dialog) -> None:
        self.problems.append(f"a script ran: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str, own: str) -> None:
        if url != own and not url.startswith(("data:", "blob:")):
            self.problems.append(f"asked for {url}")

    def expect(self, name: str, value: object) -> None:
        self.page.wait_for_function(
            "([root, name, value]) => root.dataset[name] === value",
            arg=[self.root.element_handle(), name, str(value)],
            timeout=10_000,
        )

    def close(self) -> None:
        self.context.close()
