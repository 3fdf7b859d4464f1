"""The moving picture of the README: lesson 04 in the real JupyterLab, and the run of its first cell once more.

    python -m tests.browser.film      writes notebooks/images/live-view.gif

The view's own replay is moved from moment to moment, so the picture does not hang on how fast this machine is.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from tests.browser.chromium import chromium
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.notebooks.paths import NOTEBOOKS
from tests.notebooks.run import read

LESSON = "04-pipelining.ipynb"
LAST = "far"  # the cell at which the picture is taken
FILM = NOTEBOOKS / "images" / "live-view.gif"
WINDOW = ViewportSize(width=1440, height=860)
WIDTH = 1080
FRAMES = 44
PAUSE = 110  # ms a frame
REST = 1800  # ms, the last one
MOVE = """(share) => {
  const moment = document.querySelector("input[aria-label=moment]");
  const first = Number(moment.dataset.first ?? (moment.dataset.first = moment.min));
  moment.value = String(first + share * (Number(moment.max) - first));
  moment.dispatchEvent(new Event("input", {bubbles: true}));
}"""


def main() -> int:
    with TemporaryDirectory() as folder:
        server = JupyterServer(Path(folder))
        try:
            shutil.copytree(NOTEBOOKS / "images", server.root / "images")
            shutil.copy(NOTEBOOKS / LESSON, server.root)
            server.wait_until_ready()
            with chromium() as browser:
                save(frames(LabPage(browser.new_page(viewport=WINDOW), server)))
            server.shut_down_kernels()
        finally:
            server.stop()
    print(f"{FILM}: {FILM.stat().st_size / 1e6:.1f} MB")
    return 0


def frames(lab: LabPage) -> list[Image.Image]:
    """One for each moment of the replay."""
    lab.open(LESSON)
    lab.begin()
    cells = [cell.id for cell in read(NOTEBOOKS / LESSON).cells]
    for _ in range(cells.index(LAST) + 1):
        lab.step()
    return [moment(lab.page, number / (FRAMES - 1)) for number in range(FRAMES)]


def moment(page: Page, share: float) -> Image.Image:
    page.evaluate(MOVE, share)
    page.wait_for_timeout(60)  # it draws with the next frame
    shot = Image.open(io.BytesIO(page.screenshot()))
    return shot.resize((WIDTH, round(shot.height * WIDTH / shot.width)), Image.Resampling.LANCZOS)


def save(shots: list[Image.Image]) -> None:
    """With one palette for all, so that what stands still is not stored again."""
    palette = shots[-1].convert("RGB").quantize(96, dither=Image.Dither.NONE)
    flat = [shot.convert("RGB").quantize(palette=palette, dither=Image.Dither.NONE) for shot in shots]
    durations = [PAUSE] * (len(flat) - 1) + [REST]
    flat[0].save(FILM, save_all=True, append_images=flat[1:], duration=durations, loop=0, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
