"""The live view, as a learner uses it: beside the notebook, or in a cell."""

from __future__ import annotations

from playwright.sync_api import Locator, TimeoutError

from tests.browser.lab_page import LabPage

TIMEOUT = 15_000  # ms
SOON = 2_000  # after which a click is tried again
RECEIVED = "(root) => Number(root.dataset.received) > 0"
AS_MANY_AS = """([root, least]) => Number(root.dataset.messages) >= least"""


class FlowView:
    """The view that cell number `index` shows. When it stands beside the notebook, or did, it is fetched there."""

    def __init__(self, lab: LabPage, index: int) -> None:
        self.lab = lab
        cell = lab.cell(index)
        cell.locator(".zmqlab-flow, .zmqlab-strip").first.wait_for(timeout=TIMEOUT)
        self.root: Locator = cell.locator(".zmqlab-flow")
        if cell.locator(".zmqlab-strip").count():
            back = cell.get_by_role("button", name="beside the notebook")
            if back.count():
                back.click()
            self.root = lab.page.locator(".zmqlab-beside .zmqlab-flow")
        self.root.wait_for(timeout=TIMEOUT)

    def wait_for_messages(self, least: int = 1) -> int:
        """Wait until so many messages are drawn; how many there are."""
        self.lab.page.wait_for_function(AS_MANY_AS, arg=[self.root.element_handle(), least], timeout=TIMEOUT)
        self.row(least - 1).wait_for(timeout=TIMEOUT)
        return int(self.root.get_attribute("data-messages") or 0)

    def wait_for_received(self) -> None:
        """Wait until a message was received by somebody."""
        self.lab.page.wait_for_function(RECEIVED, arg=self.root.element_handle(), timeout=TIMEOUT)

    def row(self, number: int) -> Locator:
        """The line of the list of messages, counted from 0."""
        return self.root.locator("[data-message-id]").nth(number)

    def inspect(self, number: int) -> list[list[str]]:
        """Click a message in the list and read its frames in the inspector: role, text, hex and size of each."""
        inspector = self.root.locator(".zf-inspector")
        close = inspector.get_by_role("button", name="close")
        for last in (False, False, True):  # news may move the list between the look and the click
            if close.is_visible():  # in a narrow panel it stands in place of the list
                close.click()
            chosen = self.row(number).get_attribute("data-message-id")
            self.row(number).click()
            try:
                inspector.locator(".zf-title b", has_text=f"#{chosen}").wait_for(timeout=TIMEOUT if last else SOON)
                break
            except TimeoutError:
                if last:
                    raise
        frames = inspector.locator("table").first.locator("tr[data-frame]")
        return [frame.locator("td").all_inner_texts()[1:] for frame in frames.all()]

    def background(self) -> str:
        return str(self.root.evaluate("(root) => getComputedStyle(root).backgroundColor"))

    def sticks_out(self) -> bool:
        """Whether anything is wider than the cell."""
        return bool(self.root.evaluate("(root) => root.scrollWidth > root.clientWidth"))
