"""The harness sees what it is there to see: on a small notebook with known faults."""

from __future__ import annotations

from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.browser import chromium
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.clean import clean

SCRIPT = "from IPython.display import Javascript, display\n"


def notebook(server: JupyterServer, *code: str) -> str:
    """Write a notebook with these cells and give its name."""
    cells = [new_markdown_cell("# Small"), *map(new_code_cell, code)]
    nbformat.write(clean(new_notebook(cells=cells)), server.root / "small.ipynb")
    return "small.ipynb"


def test_cells_run_twice_and_after_a_restart(lab: LabPage, server: JupyterServer) -> None:
    lab.open(notebook(server, "count = globals().get('count', 0) + 1", "print(count)"))
    for expected in ("1\n", "2\n"):
        lab.run_all()
        assert lab.outputs()[2][0]["text"] == expected
    lab.restart_kernel()
    lab.run_all()
    assert lab.outputs()[2][0]["text"] == "1\n"
    assert lab.errors() == []
    assert lab.problems == []


def test_an_error_is_seen(lab: LabPage, server: JupyterServer) -> None:
    lab.open(notebook(server, "1 / 0"))
    lab.run_all()
    assert lab.errors() == ["cell 1: ZeroDivisionError: division by zero"]


def test_what_the_console_says_is_seen(lab: LabPage, server: JupyterServer) -> None:
    lab.open(notebook(server, SCRIPT + "display(Javascript('console.error(\"bad\"); setTimeout(() => nothing())'))"))
    with lab.page.expect_event("pageerror"):
        lab.run_all()
    assert [problem.split()[0] for problem in lab.problems] == ["bad", "uncaught:"]


def test_both_themes(lab: LabPage, server: JupyterServer, results: Path) -> None:
    lab.open(notebook(server, "1"))
    backgrounds = []
    for theme in ("dark", "light"):
        lab.set_theme(theme)
        backgrounds.append(lab.page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        lab.screenshot(results / f"harness-{theme}.png")
    assert len(set(backgrounds)) == 2


@pytest.mark.wide
def test_a_widget_is_found_and_shown(lab: LabPage, server: JupyterServer) -> None:
    lab.open(notebook(server, "x = 1\n" * 80, "import ipywidgets\nipywidgets.IntSlider(description='slide me')"))
    lab.run_all()
    assert lab.widget_cells() == lab.widget_cells("IntSlider") == [2]
    assert lab.widget_cells("<zmqlab view") == []
    lab.cell(2).get_by_text("slide me", exact=True).wait_for()
    assert lab.page.viewport_size == {"width": 1920, "height": 1080}


def test_kernels_are_gone_between_tests(server: JupyterServer) -> None:
    assert server.ask("GET", "kernels") == []


def test_a_server_leaves_no_process(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    server = JupyterServer(tmp_path)
    try:
        server.wait_until_ready()
        assert set(psutil.Process().children(recursive=True)) - before
    finally:
        server.stop()
    assert set(psutil.Process().children(recursive=True)) <= before


def test_where_there_is_no_browser_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME", "no-such-browser")
    assert chromium.find_browser() == ""
    assert any(command in chromium.how_to_install() for command in chromium.COMMANDS.values())
