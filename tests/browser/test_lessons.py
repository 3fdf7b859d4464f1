"""Every lesson in JupyterLab: its messages. And in some, by Shift+Enter: what is in sight meanwhile, themes, widths."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.flow_view import FlowView
from tests.browser.lab_page import LabPage, Theme
from tests.browser.server import JupyterServer
from tests.notebooks.paths import NOTEBOOKS, ROOT, lessons
from tests.notebooks.run import read

THEMES: tuple[Theme, ...] = ("dark", "light")
WINDOWS = (ViewportSize(width=1440, height=900), ViewportSize(width=1366, height=768))
IN_SIGHT = """() => Math.max(0, ...[...document.querySelectorAll(".zf-stage")].map((stage) => {
  const {top, bottom, height} = stage.getBoundingClientRect();
  return height ? (Math.min(bottom, innerHeight) - Math.max(top, 0)) / height : 0;
}))"""
READ = 4  # of so many lessons one is read as a learner reads it: the panel with the view is the same beside all
SEEN = 0.9  # of the code cells have more than half of the stage in sight


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


def view_cells(lab: LabPage) -> list[int]:
    """A lesson has other widgets too: its predictions."""
    return lab.widget_cells("<zmqlab view")


def walk(lab: LabPage) -> list[float]:
    """Through the lesson by Shift+Enter: how much of the stage was in sight after each code cell.

    Before the first cell that shows a view there is no stage to be seen.
    """
    lab.command("notebook:expand-all-headings")  # what goes deeper is folded
    lab.begin()
    return [lab.page.evaluate(IN_SIGHT) for _ in lab.kinds() if lab.step() and lab.page.locator(".zmqlab-flow").count()]


def look(lab: LabPage, path: Path) -> None:
    """No error but those meant; in every view the messages are drawn, and the first can be read.

    Somebody has received one in the last view; in another one all workers may have died before.
    """
    assert lab.errors() == expected_errors(path)
    cells = view_cells(lab)
    assert cells, "no cell of the lesson shows a view"
    for cell in cells:
        view = FlowView(lab, cell)  # scrolls to it: a view that is out of sight does not draw
        view.wait_for_messages()
        read_a_message(view)
    view.wait_for_received()


def read_a_message(view: FlowView) -> None:
    """Click the first message; what the inspector says of its frames fits together."""
    frames = view.inspect(0)
    assert frames
    for role, _, content, size in frames:
        assert role
        assert size != "0" or content == ""
        assert len(bytes.fromhex(content.rstrip(" …"))) <= int(size.replace(",", ""))


def look_at_themes(lab: LabPage, path: Path, results: Path) -> None:
    """Light and dark, in a small and a large window."""
    backgrounds = []
    for theme in THEMES:
        lab.set_theme(theme)
        for width in (1280, 1920):
            lab.page.set_viewport_size({"width": width, "height": 1080})
            view = FlowView(lab, view_cells(lab)[0])
            assert not view.sticks_out()
            lab.screenshot(results / f"{path.stem}-{theme}-{width}.png")
        backgrounds.append(view.background())
    assert len(set(backgrounds)) == len(THEMES)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("path", lessons()[::READ], ids=lambda path: path.stem)
def test_a_lesson_as_a_learner_goes_through_it(path: Path, lab: LabPage, results: Path) -> None:
    """One visit, as it is the run that takes time: the text, what is in sight, the messages, both themes and widths."""
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    lab.set_theme("dark")
    window = WINDOWS[lessons().index(path) // READ % len(WINDOWS)]
    lab.page.set_viewport_size(window)
    seen = walk(lab)
    good = sum(share > 0.5 for share in seen)
    assert good >= SEEN * len(seen), f"{window}: the stage is in sight for {good} of {len(seen)} cells"
    look(lab, path)
    look_at_themes(lab, path, results)
    assert lab.problems == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "path", [path for path in lessons() if path not in lessons()[::READ]], ids=lambda path: path.stem
)
def test_a_lesson_that_is_run_at_once(path: Path, lab: LabPage, results: Path) -> None:
    """By Run All Cells, where nothing moves: going through a lesson step by step, and what moves, have the browser
    compute for three times as long."""
    lab.page.emulate_media(reduced_motion="reduce")
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    lab.set_theme("dark")
    lab.run_all()
    assert lab.page.evaluate(IN_SIGHT) > 0.5
    look(lab, path)
    lab.screenshot(results / f"{path.stem}-message.png")
    assert lab.problems == []


def test_a_lesson_runs_again_and_after_a_restart_of_the_kernel(lab: LabPage) -> None:
    """One lesson shows it for the page; that all run again in their kernel is seen without a browser."""
    path = lessons()[0]
    lab.open(f"{NOTEBOOKS.name}/{path.name}")
    for restart in (False, False, True):
        if restart:
            lab.restart_kernel()
        lab.run_all()
        look(lab, path)
    assert lab.problems == []
