"""A notebook in a real JupyterLab and Chromium, and what can be measured there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Page

from tests.browser.chromium import chromium
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer

NAME = "bench.ipynb"

START_FRAMES = """() => {
  window.zmqlabFrames = [];
  if (window.zmqlabTicks) return;
  window.zmqlabTicks = true;
  let last = performance.now();
  const tick = (now) => { window.zmqlabFrames.push(now - last); last = now; window.requestAnimationFrame(tick); };
  window.requestAnimationFrame(tick);
}"""


@contextmanager
def notebook(cells: list[str], files: dict[str, bytes] | None = None) -> Iterator[LabPage]:
    """A page on which the notebook `NAME` with these cells can be opened; `files` lie beside it."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        server = JupyterServer(Path(folder))
        try:
            server.wait_until_ready()
            for name, content in (files or {}).items():
                (server.root / name).write_bytes(content)
            _write(server.root / NAME, cells)
            yield LabPage(browser.new_page(viewport={"width": 1280, "height": 900}), server)
            server.shut_down_kernels()
        finally:
            server.stop()


def _write(path: Path, cells: list[str]) -> None:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(book, path)


def start_frames(page: Page) -> None:
    """From now on, the time of every animation frame is taken down."""
    page.evaluate(START_FRAMES)


def frames(page: Page) -> list[float]:
    """The frames since the start, in ms, sorted."""
    return sorted(page.evaluate("() => window.zmqlabFrames"))


def heap(page: Page) -> float:
    """The JavaScript heap that is in use after a collection, in megabytes."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / 1e6
