"""Every lesson in JupyterLab: run all, look at the messages, run again, restart the kernel; both themes and widths."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser.flow_view import FlowView
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.paths import NOTEBOOKS, ROOT, lessons
from tests.notebooks.run import read

each_lesson = pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def copied(server: JupyterServer) -> None:
    """JupyterLab works on a copy: it saves what it runs."""
    shutil.copytree(NOTEBOOKS, server.root / NOTEBOOKS.name, dirs_exist_ok=True)
    shutil.copy(ROOT / "README.md", server.root)


def expected_errors(path: Path) -> list[str]:
    """The errors that the lesson means to show, as it saves them."""
    return [
        f"cell {index}: {output.ename}: {output.evalue}"
        for index, cell in enumerate(read(path).cells)
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def run_and_look(lab: LabPage, path: Path) -> int:
    """Run all cells; no error but those meant, and in every view the messages are drawn. How many views there are."""
    lab.run_all()
    assert lab.errors() == expected_errors(path)
    cells = lab.widget_cells()
    assert cells, "no cell of the lesson shows a view"
    for cell in cells:
        view = FlowView(lab, cell)  # scrolls to it: a view that is out of sight does not draw
        view.wait_for_messages()
        view.wait_for_received()
    return len(cells)


@each_lesson
def test_run_all_twice_and_after_a_restart(path: Path, lab: LabPage, results: Path) -> None:
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    for time in ("first", "again", "restarted"):
        if time == "restarted":
            lab.restart_kernel()
        run_and_look(lab, path)
    lab.screenshot(results / f"{path.stem}.png")
    assert lab.problems == []


@each_lesson
def test_a_message_is_clicked_and_its_frames_are_read(path: Path, lab: LabPage, results: Path) -> None:
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    for index in range(run_and_look(lab, path)):
        view = FlowView(lab, lab.widget_cells()[index])
        frames = view.inspect(0)
        assert frames
        for role, _, content, size in frames:
            assert role
            assert size != "0" or content == ""
            assert len(bytes.fromhex(content.rstrip(" …"))) <= int(size.replace(",", ""))
        lab.screenshot(results / f"{path.stem}-message-{index}.png")
    assert lab.problems == []


@each_lesson
def test_both_themes_and_widths(path: Path, lab: LabPage, results: Path) -> None:
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    lab.set_theme("dark")
    run_and_look(lab, path)
    backgrounds = []
    for theme in ("dark", "light"):
        lab.set_theme(theme)
        for width in (1280, 1920):
            lab.page.set_viewport_size({"width": width, "height": 1080})
            view = FlowView(lab, lab.widget_cells()[0])
            assert not view.sticks_out()
            lab.screenshot(results / f"{path.stem}-{theme}-{width}.png")
        backgrounds.append(view.background())
    assert len(set(backgrounds)) == 2
    assert lab.problems == []
