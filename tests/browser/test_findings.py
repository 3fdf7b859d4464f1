"""The findings of a graded run: a click on a time shows that moment in the view, wherever the view is."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.flow_view import TIMEOUT
from tests.browser.lab_page import START, LabPage, Theme
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean
from tests.view.axe import violations

RUN = """
import time, zmq
from zmqlab import Lab
from zmqlab.course.chaos.findings import findings
from zmqlab.course.chaos.history import Heard, Mark, history
from zmqlab.course.chaos.report import Report
from zmqlab.course.chaos.work import Request

with Lab("chaos demo") as lab:
    bob = lab.context("bob").socket(zmq.DEALER)
    bob.connect(lab.endpoint("front"))
    server = lab.context("broker").socket(zmq.ROUTER)
    server.bind(lab.endpoint("front"))
    for n in range(3):
        bob.send_multipart([b"%d" % n, b"do it"])
        server.recv_multipart()
        time.sleep(0.2)
zero = min(message.sent for message in lab.messages())
at = [(message.sent - zero) / 1e9 for message in lab.messages()]
zero = (zero - lab.trace.start) / 1e9
requests = [Request("bob", n) for n in range(3)]
heard = [Heard(when + zero, "asked", one, "bob") for when, one in zip(at, requests)]
events = history(requests, heard, [], [Mark(at[1] + zero, "broker killed", frozenset())], zero=0.0)
report = Report("demo", events, 0, "", lab)
findings(report)
"""
PAUSED = re.compile(r"paused at ([\d.,]+) ms")
THEMES: tuple[Theme, ...] = ("light", "dark")


@pytest.fixture
def name(server: JupyterServer) -> str:
    """Two cells that run one after another: findings, and another view, which takes their seat in the panel."""
    cells = [new_code_cell(RUN), new_code_cell("with Lab('another') as other:\n    pass\nother.view()")]
    nbformat.write(clean(new_notebook(cells=cells)), server.root / "findings.ipynb")
    return "findings.ipynb"


def test_a_click_on_a_time_shows_that_moment_although_another_view_has_come_since(
    lab: LabPage, name: str, results: Path
) -> None:
    lab.open(name)
    lab.begin(0)
    lab.step()
    found = lab.cell(0).locator(".zmqlab-findings")
    expect(found.locator("li")).to_have_count(4, timeout=START)
    lab.step()
    view = lab.page.locator(".zmqlab-beside .zmqlab-flow")
    expect(view).to_have_attribute("aria-label", "zmqlab view of another", timeout=TIMEOUT)

    killed = found.get_by_role("button", name="broker killed").first
    killed.click()
    expect(view).to_have_attribute("aria-label", "zmqlab view of chaos demo", timeout=TIMEOUT)
    expect(killed).to_have_attribute("aria-pressed", "true")
    expect(view).to_contain_text(PAUSED, timeout=TIMEOUT)
    paused = PAUSED.search(view.inner_text())
    assert paused
    assert float(paused[1].replace(",", "")) / 1000 == pytest.approx(float(killed.inner_text()[:-2]), abs=0.006)
    for theme in THEMES:
        lab.set_theme(theme)
        assert violations(lab.page, ".zmqlab-findings") == []
        lab.screenshot(results / f"findings-{theme}.png")
    assert lab.problems == []
