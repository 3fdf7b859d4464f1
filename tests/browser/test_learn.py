"""The first minute: lesson 00 stands there, nobody is asked about news, and nothing is unsaved."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.lab_page import LabPage
from zmqlab.course import learn


def test_a_copy_has_no_unsaved_changes_when_it_is_opened(lab: LabPage, results: Path) -> None:
    """Also not when its kernel has told what it is, which JupyterLab writes into the notebook."""
    learn.copy(learn.lessons(), lab.server.root / "learn")
    lab.open("learn/notebooks/00-start-here.ipynb")
    lab.page.screenshot(path=results / "first-minute.png")
    expect(lab.page.locator(".jp-mod-dirty")).to_have_count(0)
    lab.leave()
    (lab.server.root / "raw.ipynb").write_bytes((learn.CLONE / learn.FIRST).read_bytes())
    lab.open("raw.ipynb")
    expect(lab.page.locator(".jp-mod-dirty")).not_to_have_count(0)
